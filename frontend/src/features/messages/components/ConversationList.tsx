import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { MessagesSquare, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { fullName } from "@/api/tasks";
import { Avatar, Button, EmptyState, Input, LoadError, Said, SkeletonList, Time } from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { number } from "@/lib/format";
import { useDebounced } from "@/lib/useDebounced";

import type { Conversation } from "../api/cache";
import { conversationsQuery, searchQuery } from "../api/queries";

export const otherOf = (conversation: Conversation) =>
  conversation.participants.find((one) => one.id === conversation.other.user) ?? conversation.participants[0];

export function ConversationList({ me }: { me: number }) {
  const { t } = useTranslation(["messages", "common"]);
  const [words, setWords] = useState("");
  const asked = useDebounced(words.trim());
  const found = useInfiniteQuery(conversationsQuery);
  const rows = found.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative border-b border-line p-3">
        <Search aria-hidden className="absolute start-6 top-1/2 size-5 -translate-y-1/2 text-ink-soft" />
        <Input
          type="search"
          maxLength={200}
          aria-label={t("search.label")}
          placeholder={t("search.label")}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="px-11"
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {asked.length > 1 ? (
          <Results words={asked} />
        ) : (
          <>
            {found.isPending && <SkeletonList className="p-3" />}
            {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
            {found.data && rows.length === 0 && (
              <div className="p-3">
                <EmptyState icon={MessagesSquare} title={t("none")}>
                  {t("noneWhy")}
                </EmptyState>
              </div>
            )}
            <ul>
              {rows.map((conversation) => (
                <li key={conversation.id}>
                  <Line conversation={conversation} me={me} />
                </li>
              ))}
            </ul>
            {found.hasNextPage && (
              <Button
                look="quiet"
                className="m-3"
                busy={found.isFetchingNextPage}
                onClick={() => void found.fetchNextPage()}
              >
                {t("common:action.more")}
              </Button>
            )}
          </>
        )}
      </div>
    </div>
  );
}

function Line({ conversation, me }: { conversation: Conversation; me: number }) {
  const { t } = useTranslation("messages");
  const other = otherOf(conversation);
  const name = other ? fullName(other) : "";
  return (
    <NavLink
      to={paths.conversation(conversation.id)}
      className={({ isActive }) =>
        cn(
          "flex min-h-18 items-center gap-3 border-b border-line px-3 py-3 hover:bg-sunken",
          isActive && "bg-brand-soft",
        )
      }
    >
      <Avatar name={name} src={other?.profile_picture} online={conversation.other.online} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-2">
          <Said className="truncate font-semibold">{name}</Said>
          {conversation.last_message_at && (
            <Time iso={conversation.last_message_at} className="shrink-0 text-xs text-ink-soft" />
          )}
        </span>
        {conversation.task && (
          <Said className="block truncate text-sm text-brand">{conversation.task.title}</Said>
        )}
        <span className="flex items-center justify-between gap-2">
          <span
            className={cn(
              "flex min-w-0 gap-1 text-sm",
              conversation.unread_count ? "font-semibold" : "text-ink-soft",
            )}
          >
            {conversation.last_message_sender === me && <span className="shrink-0">{t("you")}</span>}
            {/* Lines, not a cut: of words of both directions the first stay, wherever they stand. */}
            <span dir="auto" className="line-clamp-1 min-w-0 break-all">
              {conversation.last_message_content ?? t("nothingYet")}
            </span>
          </span>
          {conversation.unread_count > 0 && (
            <span className="min-w-6 shrink-0 rounded-full bg-brand px-1.5 text-center text-sm leading-6 font-bold text-on-brand">
              {number(conversation.unread_count)}
              <span className="sr-only"> {t("unread")}</span>
            </span>
          )}
        </span>
      </span>
    </NavLink>
  );
}

function Results({ words }: { words: string }) {
  const { t } = useTranslation("messages");
  const found = useQuery(searchQuery(words));
  if (found.isPending) return <SkeletonList className="p-3" rows={2} />;
  if (found.error) return <LoadError error={found.error} retry={() => void found.refetch()} />;
  if (!found.data.results.length) return <p className="p-4 text-ink-soft">{t("search.none")}</p>;
  return (
    <ul>
      {found.data.results.map((message) => (
        <li key={message.id}>
          <NavLink
            to={paths.conversation(message.conversation)}
            className="block border-b border-line p-3 hover:bg-sunken"
          >
            <span dir="auto" className="line-clamp-2">
              {message.content || message.attachment?.name}
            </span>
            <Time iso={message.created_at} className="text-sm text-ink-soft" />
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
