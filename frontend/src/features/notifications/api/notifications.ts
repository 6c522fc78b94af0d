import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
  type InfiniteData,
} from "@tanstack/react-query";

import { get, patch, post } from "@/api/client";
import type { CursorPage, Page, Schemas } from "@/api/types";

export type Notification = Schemas["Notification"];
export type Preferences = Schemas["NotificationPreferences"];
export type Delivery = Schemas["Delivery"];
export type Filter = { is_read?: string; notification_type?: string };
export type Pages = InfiniteData<CursorPage<Notification>, string>;

const cursorOf = (next: string | null) =>
  next ? new URL(next, location.origin).searchParams.get("cursor") : null;

export const notificationsQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["notifications", "list", filter],
    queryFn: ({ pageParam }) =>
      get<CursorPage<Notification>>("/notifications/", {
        params: { ...filter, cursor: pageParam, page_size: 25 },
      }),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });

export const preferencesQuery = queryOptions({
  queryKey: ["notifications", "preferences"],
  queryFn: () => get<Preferences>("/notifications/preferences/"),
});

export const deliveriesQuery = (id: number) =>
  queryOptions({
    queryKey: ["notifications", "deliveries", id],
    queryFn: () => get<Page<Delivery> | Delivery[]>(`/notifications/${id}/deliveries/`),
  });

export const allDeliveriesQuery = (params: Record<string, string | undefined>) =>
  queryOptions({
    queryKey: ["notifications", "deliveries", params],
    queryFn: () => get<Page<Delivery>>("/notifications/deliveries/", { params }),
  });

export const pushQuery = queryOptions({
  queryKey: ["notifications", "push"],
  queryFn: () => get<Schemas["Push"]>("/notifications/push/"),
});

export function useMark() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, is_read }: { id: number; is_read: boolean }) =>
      patch<Notification>(`/notifications/${id}/`, { is_read }),
    onSuccess: (row) =>
      client.setQueriesData<Pages>({ queryKey: ["notifications", "list"] }, (pages) => changed(pages, row)),
  });
}

export function useMarkAll() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<{ detail: string; count: number }>("/notifications/mark-all-read/"),
    onSuccess: () => client.invalidateQueries({ queryKey: ["notifications", "list"] }),
  });
}

export function useChangePreferences() {
  const client = useQueryClient();
  const key = preferencesQuery.queryKey;
  return useMutation({
    mutationFn: (values: Schemas["PatchedNotificationPreferencesRequest"]) =>
      patch<Preferences>("/notifications/preferences/", values),
    onSuccess: (kept) => client.setQueryData(key, kept),
    onError: () => client.invalidateQueries({ queryKey: key }),
  });
}

export const testPush = () => post<Schemas["PushTest"]>("/notifications/push/test/");

/** A row as it is now, where it is shown. */
export function changed(pages: Pages | undefined, row: Notification): Pages | undefined {
  return (
    pages && {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        results: page.results.map((one) => (one.id === row.id ? row : one)),
      })),
    }
  );
}

/** A row that is new, or that speaks of more than before: it is the first now. */
export function bumped(pages: Pages | undefined, row: Notification): Pages | undefined {
  if (!pages) return pages;
  const rest = pages.pages.map((page) => ({
    ...page,
    results: page.results.filter((one) => one.id !== row.id),
  }));
  const [first, ...others] = rest;
  return first && { ...pages, pages: [{ ...first, results: [row, ...first.results] }, ...others] };
}

export type ReadEvent = {
  id: number | null;
  all_up_to: string | null;
  is_read: boolean;
  read_at: string | null;
};

/** One row, or every row up to a time, was marked. */
export function marked(pages: Pages | undefined, event: ReadEvent): Pages | undefined {
  const hit = (row: Notification) =>
    event.id === null
      ? !row.is_read && (event.all_up_to === null || row.bumped_at <= event.all_up_to)
      : row.id === event.id;
  return (
    pages && {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        results: page.results.map((row) =>
          hit(row) ? { ...row, is_read: event.is_read, read_at: event.read_at } : row,
        ),
      })),
    }
  );
}
