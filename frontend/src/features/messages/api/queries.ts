import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { CursorPage, Page } from "@/api/types";

import type { Conversation, Message } from "./cache";

/** The opaque mark of the next page, out of the address that the server gives. */
const cursorOf = (next: string | null) =>
  next ? new URL(next, location.origin).searchParams.get("cursor") : null;

export const conversationsQuery = infiniteQueryOptions({
  queryKey: ["conversations", "list"],
  queryFn: ({ pageParam }) =>
    get<CursorPage<Conversation>>("/messages/conversations/", {
      params: { cursor: pageParam, page_size: 20 },
    }),
  initialPageParam: "",
  getNextPageParam: (page) => cursorOf(page.next),
});

export const conversationQuery = (id: number) =>
  queryOptions({
    queryKey: ["conversations", "one", id],
    queryFn: () => get<Conversation>(`/messages/conversations/${id}/`),
  });

export const messagesQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: ["messages", id],
    queryFn: ({ pageParam }) =>
      get<CursorPage<Message>>(`/messages/conversations/${id}/messages/`, {
        params: { cursor: pageParam, page_size: 40 },
      }),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });

export const searchQuery = (words: string) =>
  queryOptions({
    queryKey: ["messages", "search", words],
    queryFn: ({ signal }) => get<Page<Message>>("/messages/search/", { params: { q: words }, signal }),
    enabled: words.length > 1,
  });
