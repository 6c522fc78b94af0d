import {
  useInfiniteQuery,
  usePrefetchInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from "@tanstack/react-query";
import { ArrowDown, ArrowLeft, Check, CheckCheck, CircleAlert, Clock } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { post } from "@/api/client";
import { useLive } from "@/api/liveState";
import { chatSocket } from "@/api/sockets";
import { fullName } from "@/api/tasks";
import type { CursorPage } from "@/api/types";
import { Avatar, Button, LoadError, Notice, Said, SkeletonList, Time } from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { ago, clock, day } from "@/lib/format";
import { useErrorText } from "@/lib/useErrorText";

import { withMessage, type Conversation, type Message } from "../api/cache";
import { send, useOutgoing, type Outgoing } from "../api/outgoing";
import { conversationQuery, messagesQuery } from "../api/queries";
import { Composer } from "./Composer";
import { otherOf } from "./ConversationList";
import { PrivateFile } from "./PrivateFile";

const AT_END = 80;

export function Thread({ id, me }: { id: number; me: number }) {
  const found = useQuery(conversationQuery(id));
  // Beside the conversation rather than after it.
  usePrefetchInfiniteQuery(messagesQuery(id));
  if (found.isPending) return <SkeletonList className="p-4" />;
  if (found.error) {
    return (
      <div className="p-4">
        <LoadError error={found.error} retry={() => void found.refetch()} />
      </div>
    );
  }
  return <Open key={id} conversation={found.data} me={me} />;
}

/** Whether the other side is writing just now. */
function useIsTyping(conversation: Conversation) {
  const [active, setActive] = useState(false);
  useEffect(
    () =>
      chatSocket.listen((frame) => {
        if (
          frame.type === "typing" &&
          frame.conversation === conversation.id &&
          frame.user === conversation.other.user
        )
          setActive(frame.active === true);
        if (frame.type === "message.new" && (frame.message as Message).sender === conversation.other.user)
          setActive(false);
      }),
    [conversation.id, conversation.other.user],
  );
  return active;
}

/** Says that one has read up to the newest message, while the page is really looked at. */
function useReading(conversation: Conversation, newest: Message | undefined) {
  useEffect(() => {
    if (!newest || conversation.unread_count === 0) return;
    const read = () => {
      if (document.visibilityState !== "visible") return;
      const frame = { type: "message.read", conversation: conversation.id, up_to: newest.id };
      if (!chatSocket.send(frame))
        void post(`/messages/conversations/${conversation.id}/read/`, { up_to: newest.id }).catch(
          () => undefined,
        );
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [conversation.id, conversation.unread_count, newest]);
}

function Open({ conversation, me }: { conversation: Conversation; me: number }) {
  const { t } = useTranslation(["messages", "common"]);
  const client = useQueryClient();
  const found = useInfiniteQuery(messagesQuery(conversation.id));
  const outgoing = useOutgoing((state) => state.messages).filter(
    (one) => one.conversation === conversation.id,
  );
  const typing = useIsTyping(conversation);
  const messages = (found.data?.pages ?? []).flatMap((page) => page.results).toReversed();
  const newest = messages.at(-1);
  useReading(conversation, newest);
  const other = otherOf(conversation);
  const name = other ? fullName(other) : "";

  const confirmed = (message: Message) =>
    client.setQueryData<InfiniteData<CursorPage<Message>, string>>(
      messagesQuery(conversation.id).queryKey,
      (pages) => withMessage(pages, message),
    );
  const begin = (content: string, file: File | null) => {
    const message: Outgoing = {
      client_id: crypto.randomUUID(),
      conversation: conversation.id,
      content,
      file,
      progress: 0,
      state: "sending",
      error: null,
      created_at: new Date().toISOString(),
    };
    useOutgoing.setState((state) => ({ messages: [...state.messages, message] }));
    void send(message, confirmed);
  };
  // What waited for the network goes out when it is back, or when the server answers again.
  useEffect(() => {
    const again = () => {
      for (const one of useOutgoing.getState().messages)
        if (one.state === "waiting") void send(one, confirmed);
    };
    window.addEventListener("online", again);
    const stop = useLive.subscribe((now, before) => {
      if (now.chat === "live" && before.chat !== "live") again();
    });
    return () => {
      window.removeEventListener("online", again);
      stop();
    };
  });

  return (
    <section aria-label={t("with", { name })} className="flex min-h-0 flex-1 flex-col">
      <header className="flex items-center gap-3 border-b border-line p-3">
        <Link
          to={paths.messages}
          aria-label={t("common:action.back")}
          className="inline-flex size-11 items-center justify-center rounded-xl hover:bg-sunken lg:hidden"
        >
          <ArrowLeft aria-hidden className="turn size-5" />
        </Link>
        <Avatar name={name} src={other?.profile_picture} online={conversation.other.online} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-bold">
            {other && (
              <Link to={paths.user(other.id)} className="hover:underline hover:underline-offset-4">
                <Said>{name}</Said>
              </Link>
            )}
          </h2>
          <p className="truncate text-sm text-ink-soft">
            {conversation.other.online
              ? t("common:state.online")
              : conversation.other.last_seen
                ? t("lastSeen", { ago: ago(conversation.other.last_seen) })
                : ""}
            {conversation.task && (
              <>
                {(conversation.other.online || conversation.other.last_seen) && " · "}
                <Link
                  to={paths.task(conversation.task.id)}
                  className="text-brand underline underline-offset-4"
                >
                  <Said>{conversation.task.title}</Said>
                </Link>
              </>
            )}
          </p>
        </div>
      </header>
      <Scroller
        count={messages.length + outgoing.length}
        newest={newest?.id ?? 0}
        older={found.hasNextPage && !found.isFetchingNextPage ? () => void found.fetchNextPage() : undefined}
      >
        {found.isPending && <SkeletonList className="p-2" rows={3} />}
        {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
        {found.isFetchingNextPage && (
          <p className="text-center text-sm text-ink-soft">{t("common:state.loading")}</p>
        )}
        {found.data && messages.length + outgoing.length === 0 && (
          <p className="m-auto text-ink-soft">{t("sayHello")}</p>
        )}
        <ol className="flex flex-col gap-1.5" aria-live="polite" aria-relevant="additions">
          {messages.map((message, index) => (
            <Bubble
              key={message.id}
              message={message}
              before={messages[index - 1]}
              mine={message.sender === me}
              delivered={message.id <= conversation.other.delivered_up_to}
              read={message.id <= conversation.other.read_up_to}
              firstUnread={
                conversation.unread_count > 0 &&
                message.id > conversation.read_up_to &&
                message.sender !== me &&
                (messages[index - 1]?.id ?? 0) <= conversation.read_up_to
              }
            />
          ))}
          {outgoing.map((one) => (
            <Waiting key={one.client_id} one={one} onAgain={() => void send(one, confirmed)} />
          ))}
        </ol>
        <p role="status" className="min-h-6 text-sm text-ink-soft">
          {typing && t("typing", { name })}
        </p>
      </Scroller>
      {conversation.is_active ? (
        <Composer conversation={conversation.id} onSend={begin} />
      ) : (
        <Notice className="m-3">{t("closed")}</Notice>
      )}
    </section>
  );
}

/** The list of messages: opens at its end, stays there while one is there, and keeps its place when older ones come. */
function Scroller({
  children,
  count,
  newest,
  older,
}: {
  children: React.ReactNode;
  count: number;
  newest: number;
  older: (() => void) | undefined;
}) {
  const { t } = useTranslation("messages");
  const box = useRef<HTMLDivElement>(null);
  const before = useRef({ height: 0, newest: 0, atEnd: true });
  const [away, setAway] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (before.current.atEnd || before.current.height === 0) element.scrollTop = element.scrollHeight;
    else if (newest === before.current.newest)
      element.scrollTop += element.scrollHeight - before.current.height;
    before.current = { ...before.current, height: element.scrollHeight, newest };
  }, [count, newest]);
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
    before.current.atEnd = atEnd;
    setAway(!atEnd);
    if (element.scrollTop < 200) older?.();
  };
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={t("history")}
        className="flex h-full flex-col overflow-y-auto p-3"
      >
        {children}
      </div>
      {away && (
        <Button
          look="secondary"
          size="sm"
          className="absolute inset-x-0 bottom-2 mx-auto w-fit shadow-pop"
          icon={<ArrowDown aria-hidden className="size-4" />}
          onClick={() => box.current?.scrollTo({ top: box.current.scrollHeight })}
        >
          {t("newestButton")}
        </Button>
      )}
    </div>
  );
}

type BubbleProps = {
  message: Message;
  before: Message | undefined;
  mine: boolean;
  delivered: boolean;
  read: boolean;
  firstUnread: boolean;
};

function Bubble({ message, before, mine, delivered, read, firstUnread }: BubbleProps) {
  const { t } = useTranslation("messages");
  const date = day(message.created_at);
  const newDay = !before || day(before.created_at) !== date;
  const Mark = delivered || read ? CheckCheck : Check;
  return (
    <>
      {newDay && (
        <li className="my-2 text-center text-sm text-ink-soft">
          <span className="rounded-full bg-sunken px-3 py-1">{date}</span>
        </li>
      )}
      {firstUnread && (
        <li className="my-2 flex items-center gap-3 text-sm font-semibold text-brand before:h-px before:flex-1 before:bg-brand after:h-px after:flex-1 after:bg-brand">
          {t("newFromHere")}
        </li>
      )}
      {message.message_type === "SYSTEM" ? (
        <li className="mx-auto max-w-md rounded-xl bg-accent-soft px-4 py-1.5 text-center text-sm text-accent">
          <span dir="auto">{message.content}</span> · <Time iso={message.created_at} />
        </li>
      ) : (
        <li
          className={cn(
            "flex max-w-[85%] flex-col rounded-2xl px-3.5 py-2 sm:max-w-[70%]",
            mine ? "self-end rounded-ee-sm bg-brand text-on-brand" : "self-start rounded-es-sm bg-sunken",
          )}
        >
          <span className="sr-only">{t(mine ? "fromYou" : "fromThem")}</span>
          {message.attachment && (
            <PrivateFile file={message.attachment} picture={message.message_type === "IMAGE"} />
          )}
          {message.content && (
            <p dir="auto" className="whitespace-pre-wrap">
              {message.content}
            </p>
          )}
          <span className="flex items-center gap-1 self-end text-xs">
            <time dateTime={message.created_at}>{clock(message.created_at)}</time>
            {mine && (
              <>
                <Mark
                  aria-hidden
                  strokeWidth={read ? 3 : 2}
                  className={cn("size-4", !read && "opacity-70")}
                />
                <span className="sr-only">
                  {t(read ? "mark.read" : delivered ? "mark.delivered" : "mark.sent")}
                </span>
              </>
            )}
          </span>
        </li>
      )}
    </>
  );
}

function Waiting({ one, onAgain }: { one: Outgoing; onAgain: () => void }) {
  const { t } = useTranslation(["messages", "common"]);
  const say = useErrorText();
  const drop = useOutgoing((state) => state.drop);
  return (
    <li
      className={cn(
        "flex max-w-[85%] flex-col self-end rounded-2xl rounded-ee-sm px-3.5 py-2 sm:max-w-[70%]",
        one.state === "failed" ? "bg-bad-soft text-bad" : "bg-brand-soft text-ink",
      )}
    >
      {one.file && <bdi>{one.file.name}</bdi>}
      {one.file && one.state === "sending" && (
        <progress className="w-full" max={1} value={one.progress} aria-label={t("file.sending")} />
      )}
      <p dir="auto" className="whitespace-pre-wrap">
        {one.content}
      </p>
      {one.state === "failed" ? (
        <span role="alert" className="flex flex-wrap items-center gap-2 text-sm">
          <CircleAlert aria-hidden className="size-4" />
          {say(one.error)}
          <button type="button" className="font-semibold underline underline-offset-4" onClick={onAgain}>
            {t("common:action.retry")}
          </button>
          <button
            type="button"
            className="font-semibold underline underline-offset-4"
            onClick={() => drop(one.client_id)}
          >
            {t("common:action.delete")}
          </button>
        </span>
      ) : (
        <span className="flex items-center gap-1 self-end text-xs">
          <Clock aria-hidden className="size-4" />
          {t(one.state === "waiting" ? "mark.waiting" : "mark.sending")}
          {one.state === "waiting" && (
            <button type="button" className="font-semibold underline underline-offset-4" onClick={onAgain}>
              {t("common:action.retry")}
            </button>
          )}
        </span>
      )}
    </li>
  );
}
