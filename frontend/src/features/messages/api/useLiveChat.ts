import { useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect } from "react";

import type { LiveFrame } from "@/api/live";
import { chatSocket } from "@/api/sockets";
import type { CursorPage } from "@/api/types";

import {
  afterMessage,
  afterReceipt,
  mapRows,
  withMessage,
  withReceipt,
  type Conversation,
  type Message,
  type MessageEvent,
  type ReceiptEvent,
} from "./cache";
import { conversationQuery, conversationsQuery, messagesQuery } from "./queries";

type List = InfiniteData<CursorPage<Conversation>, string>;
type Thread = InfiniteData<CursorPage<Message>, string>;

/** Writes what happens live into what was fetched, so that both are the same. */
export function useLiveChat(me: number) {
  const client = useQueryClient();
  useEffect(() => {
    const onMessage = (event: MessageEvent) => {
      const { conversation } = event.message;
      client.setQueryData<Thread>(messagesQuery(conversation).queryKey, (pages) =>
        withMessage(pages, event.message),
      );
      const list = client.getQueryData<List>(conversationsQuery.queryKey);
      if (list && !list.pages.some((page) => page.results.some((one) => one.id === conversation))) {
        void client.invalidateQueries({ queryKey: conversationsQuery.queryKey });
      } else {
        client.setQueryData<List>(conversationsQuery.queryKey, (pages) => afterMessage(pages, event));
      }
      client.setQueryData<Conversation>(
        conversationQuery(conversation).queryKey,
        (one) => one && { ...one, unread_count: event.unread_count },
      );
      if (event.message.sender !== me && event.message.sender !== null) {
        chatSocket.send({ type: "message.delivered", conversation, up_to: event.message.id });
      }
    };
    const onReceipt = (event: ReceiptEvent) => {
      client.setQueryData<Thread>(messagesQuery(event.conversation).queryKey, (pages) =>
        withReceipt(pages, event),
      );
      client.setQueryData<List>(
        conversationsQuery.queryKey,
        (pages) => pages && mapRows(pages, (one) => afterReceipt(one, event, me)),
      );
      client.setQueryData<Conversation>(
        conversationQuery(event.conversation).queryKey,
        (one) => one && afterReceipt(one, event, me),
      );
    };
    const onPresence = (user: number, online: boolean, last_seen: string | null) => {
      const change = (one: Conversation): Conversation =>
        one.other.user === user
          ? { ...one, other: { ...one.other, online, last_seen: last_seen ?? one.other.last_seen } }
          : one;
      client.setQueryData<List>(conversationsQuery.queryKey, (pages) => pages && mapRows(pages, change));
      client.setQueriesData<Conversation>(
        { queryKey: ["conversations", "one"] },
        (one) => one && change(one),
      );
    };
    return chatSocket.listen((frame: LiveFrame) => {
      if (frame.type === "message.new") onMessage(frame as unknown as MessageEvent);
      else if (frame.type === "receipt") onReceipt(frame as unknown as ReceiptEvent);
      else if (frame.type === "conversation.new")
        void client.invalidateQueries({ queryKey: conversationsQuery.queryKey });
      else if (frame.type === "presence")
        onPresence(Number(frame.user), frame.online === true, (frame.last_seen as string | null) ?? null);
    });
  }, [client, me]);
}
