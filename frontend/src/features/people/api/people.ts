import { queryOptions } from "@tanstack/react-query";

import { get, idempotencyKey, post } from "@/api/client";
import type { Page, Schemas } from "@/api/types";

export type Person = Schemas["PublicProfile"];

export const peopleQuery = (params: Record<string, string | undefined>) =>
  queryOptions({
    queryKey: ["people", params],
    queryFn: ({ signal }) => get<Page<Person>>("/users/", { params, signal }),
  });

export const personQuery = (id: string) =>
  queryOptions({ queryKey: ["people", "one", id], queryFn: () => get<Person>(`/users/${id}/`) });

export const reviewsQuery = (id: string, page: string) =>
  queryOptions({
    queryKey: ["reviews", "user", id, page],
    queryFn: () => get<Page<Schemas["Review"]>>(`/users/${id}/reviews/`, { params: { page } }),
  });

export const suitedQuery = (task: string) =>
  queryOptions({
    queryKey: ["people", "for-task", task],
    queryFn: () => get<Schemas["SuitedList"]>("/recommendations/freelancers/", { params: { task } }),
  });

export const talkTo = (participant: number) =>
  post<{ id: number }>(
    "/messages/conversations/",
    { participant },
    { headers: { "Idempotency-Key": idempotencyKey() } },
  );
