import type { InfiniteData } from "@tanstack/react-query";

import type { CursorPage, Schemas } from "@/api/types";

export type Conversation = Schemas["Conversation"];
export type Message = Schemas["Message"];
type Pages<T> = InfiniteData<CursorPage<T>, string>;

/** What the server says of a message: as the API gives it. */
export type MessageEvent = { message: Message; unread_count: number };
export type ReceiptEvent = {
  conversation: number;
  user: number;
  delivered_up_to: number;
  read_up_to: number;
  unread_count: number;
};

/** Puts a message into what is shown of its conversation (newest first); the same message twice is one. */
export function withMessage(pages: Pages<Message> | undefined, message: Message): Pages<Message> | undefined {
  const first = pages?.pages[0];
  if (!pages || !first) return pages;
  if (pages.pages.some((page) => page.results.some((one) => one.id === message.id))) {
    return mapRows(pages, (one) => (one.id === message.id ? { ...one, ...message } : one));
  }
  const at = first.results.findIndex((one) => one.id < message.id);
  const results = [...first.results];
  results.splice(at < 0 ? (pages.pages.length > 1 ? results.length : first.results.length) : at, 0, message);
  return { ...pages, pages: [{ ...first, results }, ...pages.pages.slice(1)] };
}

/** Marks as read what the other side has read. */
export function withReceipt(
  pages: Pages<Message> | undefined,
  event: ReceiptEvent,
): Pages<Message> | undefined {
  return (
    pages &&
    mapRows(pages, (one) =>
      !one.is_read && one.sender !== null && one.sender !== event.user && one.id <= event.read_up_to
        ? { ...one, is_read: true }
        : one,
    )
  );
}

/** The list of conversations after a message: its own is first, with the new preview and the reader's count. */
export function afterMessage(
  pages: Pages<Conversation> | undefined,
  event: MessageEvent,
): Pages<Conversation> | undefined {
  if (!pages) return pages;
  const { message, unread_count } = event;
  const found = pages.pages.flatMap((page) => page.results).find((one) => one.id === message.conversation);
  if (!found) return pages;
  if (found.last_message_at && found.last_message_at > message.created_at) {
    return mapRows(pages, (one) => (one.id === found.id ? { ...one, unread_count } : one));
  }
  const changed: Conversation = {
    ...found,
    unread_count,
    last_message_content: message.content.slice(0, 100) || (message.attachment?.name ?? ""),
    last_message_type: message.message_type,
    last_message_at: message.created_at,
    last_message_sender: message.sender,
  };
  const rest = pages.pages.map((page) => ({
    ...page,
    results: page.results.filter((one) => one.id !== found.id),
  }));
  const [first, ...others] = rest;
  return first ? { ...pages, pages: [{ ...first, results: [changed, ...first.results] }, ...others] } : pages;
}

/** A conversation after a receipt: mine moves my marks and count, the other side's moves theirs. */
export function afterReceipt(conversation: Conversation, event: ReceiptEvent, me: number): Conversation {
  if (conversation.id !== event.conversation) return conversation;
  if (event.user === me) {
    return {
      ...conversation,
      unread_count: event.unread_count,
      delivered_up_to: event.delivered_up_to,
      read_up_to: event.read_up_to,
    };
  }
  return {
    ...conversation,
    unread_count: event.unread_count,
    other: { ...conversation.other, delivered_up_to: event.delivered_up_to, read_up_to: event.read_up_to },
  };
}

export function mapRows<T>(pages: Pages<T>, change: (row: T) => T): Pages<T> {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, results: page.results.map(change) })) };
}
