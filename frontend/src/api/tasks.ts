import { queryOptions } from "@tanstack/react-query";

import { get, http } from "./client";
import type { Page, Schemas } from "./types";

export type Task = Schemas["Task"];
export type FoundTask = Schemas["FoundTask"];
export type FoundPage = Page<FoundTask> & { did_you_mean?: string | null; mode: string };
export type UserCard = Schemas["UserCard"];

/** Filters of a list of tasks, as the address of the page has them. */
export const FILTERS = [
  "search",
  "category",
  "city",
  "task_type",
  "listing_type",
  "min_budget",
  "max_budget",
  "is_remote",
  "skills",
  "ordering",
  "page",
] as const;

export type TaskFilters = Partial<
  Record<(typeof FILTERS)[number] | "client" | "status" | "assigned_to", string>
>;

export const tasksQuery = (filters: TaskFilters) =>
  queryOptions({
    queryKey: ["tasks", "list", filters],
    queryFn: async ({ signal }): Promise<FoundPage> => {
      const { data, headers } = await http.get<Page<FoundTask>>("/tasks/", { params: filters, signal });
      return { ...data, mode: String(headers["x-search-mode"] ?? "") };
    },
  });

export const facetsQuery = (filters: TaskFilters) =>
  queryOptions({
    queryKey: ["tasks", "facets", filters],
    queryFn: ({ signal }) => get<Schemas["Facets"]>("/tasks/facets/", { params: filters, signal }),
  });

export const taskQuery = (id: string | number) =>
  queryOptions({ queryKey: ["tasks", "one", Number(id)], queryFn: () => get<Task>(`/tasks/${id}/`) });

type Params = Record<string, string | number | undefined>;

export const fetchMine = (params: Params) => get<Page<Task>>("/tasks/mine/", { params });
export const fetchAssigned = (params: Params) => get<Page<Task>>("/tasks/assigned/", { params });

export const fullName = (user: { first_name: string; last_name: string; username: string }) =>
  `${user.first_name} ${user.last_name}`.trim() || user.username;
