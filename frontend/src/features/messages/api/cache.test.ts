import { expect, it } from "vitest";

import {
  afterMessage,
  afterReceipt,
  withMessage,
  withReceipt,
  type Conversation,
  type Message,
  type ReceiptEvent,
} from "./cache";

const message = (id: number, more: Partial<Message> = {}) =>
  ({
    id,
    conversation: 5,
    sender: 1,
    content: `words ${id}`,
    is_read: false,
    message_type: "text",
    attachment: null,
    created_at: `2026-01-01T00:00:${String(id).padStart(2, "0")}Z`,
    ...more,
  }) as Message;
const pagesOf = <T>(...results: T[][]) => ({
  pages: results.map((rows) => ({ next: null, previous: null, results: rows })),
  pageParams: results.map(() => ""),
});
const ids = (found: ReturnType<typeof withMessage>) =>
  found?.pages.flatMap((page) => page.results.map(({ id }) => id));
const conversation = (id: number, more: object = {}) =>
  ({
    id,
    unread_count: 0,
    last_message_at: "2026-01-01T00:00:03Z",
    other: { user: 2, delivered_up_to: 0, read_up_to: 0 },
    ...more,
  }) as Conversation;
const receipt = (more: Partial<ReceiptEvent> = {}): ReceiptEvent => ({
  conversation: 5,
  user: 2,
  delivered_up_to: 9,
  read_up_to: 8,
  unread_count: 0,
  ...more,
});

it("puts a new message first, and one that comes late in its place", () => {
  const thread = pagesOf([message(9), message(5)], [message(2)]);
  expect(ids(withMessage(thread, message(10)))).toEqual([10, 9, 5, 2]);
  expect(ids(withMessage(thread, message(7)))).toEqual([9, 7, 5, 2]);
});

it("takes the same message twice as one, the newer state of it", () => {
  const found = withMessage(pagesOf([message(9)], [message(2)]), message(2, { is_read: true }));
  expect(ids(found)).toEqual([9, 2]);
  expect(found?.pages[1]?.results[0]?.is_read).toBe(true);
});

it("leaves alone what was never fetched", () => {
  expect(withMessage(undefined, message(1))).toBeUndefined();
  expect(withReceipt(undefined, receipt())).toBeUndefined();
});

it("marks what the other side has read, and not what it wrote itself", () => {
  const found = withReceipt(pagesOf([message(9), message(8), message(7, { sender: 2 })]), receipt());
  expect(found?.pages[0]?.results.map(({ is_read }) => is_read)).toEqual([false, true, false]);
});

it("moves the conversation of a new message to the top with its words and count", () => {
  const list = pagesOf([conversation(4), conversation(6)], [conversation(5)]);
  const found = afterMessage(list, { message: message(9), unread_count: 3 });
  expect(found?.pages.map((page) => page.results.map(({ id }) => id))).toEqual([[5, 4, 6], []]);
  expect(found?.pages[0]?.results[0]).toMatchObject({ unread_count: 3, last_message_content: "words 9" });
});

it("does not put an older message's words in place of newer ones", () => {
  const list = pagesOf([
    conversation(5, { last_message_at: "2026-02-01T00:00:00Z", last_message_content: "newest" }),
  ]);
  const found = afterMessage(list, { message: message(9), unread_count: 2 });
  expect(found?.pages[0]?.results[0]).toMatchObject({ unread_count: 2, last_message_content: "newest" });
});

it("keeps my own marks and the other side's apart", () => {
  expect(afterReceipt(conversation(5), receipt({ user: 1 }), 1)).toMatchObject({
    read_up_to: 8,
    other: { read_up_to: 0 },
  });
  expect(afterReceipt(conversation(5), receipt(), 1).other).toMatchObject({
    read_up_to: 8,
    delivered_up_to: 9,
  });
  const other = conversation(6);
  expect(afterReceipt(other, receipt(), 1)).toBe(other);
});
