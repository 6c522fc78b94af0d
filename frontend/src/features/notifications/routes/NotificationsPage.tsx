import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { BellOff, CircleHelp, Mail, MailOpen, Settings } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { toast } from "sonner";

import { notificationSocket } from "@/api/sockets";
import { Page } from "@/components/layout/Shell";
import { StatusLinks } from "@/components/lists/StatusLinks";
import {
  Button,
  EmptyState,
  IconButton,
  LinkButton,
  LoadError,
  PageHeader,
  SkeletonList,
  Time,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { day } from "@/lib/format";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

import {
  bumped,
  marked,
  notificationsQuery,
  useMark,
  useMarkAll,
  type Notification,
  type Pages,
  type ReadEvent,
} from "../api/notifications";
import { Why } from "../components/Why";

function useLiveNotifications() {
  const client = useQueryClient();
  useEffect(
    () =>
      notificationSocket.listen((frame) => {
        const lists = { queryKey: ["notifications", "list"] };
        if (frame.type === "notification.new") {
          const row = frame.notification as Notification;
          client.setQueriesData<Pages>(
            { ...lists, predicate: ({ queryKey }) => fits(queryKey[2], row) },
            (pages) => bumped(pages, row),
          );
        }
        if (frame.type === "notification.read")
          client.setQueriesData<Pages>(lists, (pages) => marked(pages, frame as unknown as ReadEvent));
      }),
    [client],
  );
}

const fits = (filter: unknown, row: Notification) => {
  const { is_read, notification_type } = (filter ?? {}) as { is_read?: string; notification_type?: string };
  return (
    (!is_read || String(row.is_read) === is_read) &&
    (!notification_type || row.notification_type === notification_type)
  );
};

export default function NotificationsPage() {
  const { t } = useTranslation(["notifications", "common"]);
  const [params] = useSearchParams();
  const say = useErrorText();
  const markAll = useMarkAll();
  const filter = params.get("show") === "unread" ? { is_read: "false" } : {};
  const found = useInfiniteQuery(notificationsQuery(filter));
  const [asked, setAsked] = useState<number | null>(null);
  useLiveNotifications();
  usePageTitle(t("title"));
  const rows = found.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Page narrow>
      <PageHeader
        title={t("title")}
        action={
          <>
            <Button
              look="secondary"
              size="sm"
              busy={markAll.isPending}
              onClick={() =>
                markAll.mutate(undefined, {
                  onSuccess: (told) => toast.success(told.detail),
                  onError: (error) => toast.error(say(error)),
                })
              }
            >
              {t("markAll")}
            </Button>
            <LinkButton
              look="secondary"
              size="sm"
              to={paths.settingsNotifications}
              icon={<Settings aria-hidden className="size-4" />}
            >
              {t("settings")}
            </LinkButton>
          </>
        }
      />
      <StatusLinks
        label={t("show")}
        name="show"
        values={[
          { value: "", label: t("all") },
          { value: "unread", label: t("unread") },
        ]}
      />
      {found.isPending && <SkeletonList />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data && rows.length === 0 && (
        <EmptyState icon={BellOff} title={t("none")}>
          {t("noneWhy")}
        </EmptyState>
      )}
      <ul className="flex flex-col gap-2" aria-live="polite" aria-relevant="additions">
        {rows.map((row, index) => {
          const date = day(row.bumped_at);
          const before = rows[index - 1];
          return (
            <li key={row.id}>
              {(!before || day(before.bumped_at) !== date) && (
                <h2 className="mt-3 mb-2 text-sm font-semibold text-ink-soft">{date}</h2>
              )}
              <Line row={row} onWhy={() => setAsked(row.id)} />
            </li>
          );
        })}
      </ul>
      {found.hasNextPage && (
        <Button
          look="secondary"
          className="mt-5"
          busy={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t("common:action.more")}
        </Button>
      )}
      {asked !== null && <Why id={asked} onClose={() => setAsked(null)} />}
    </Page>
  );
}

function Line({ row, onWhy }: { row: Notification; onWhy: () => void }) {
  const { t } = useTranslation("notifications");
  const mark = useMark();
  const read = () => {
    if (!row.is_read) mark.mutate({ id: row.id, is_read: true });
  };
  const text = (
    <>
      <span className={cn("block", row.is_read ? "font-medium" : "font-bold")}>
        {!row.is_read && (
          <span className="me-2 inline-block size-2.5 rounded-full bg-brand align-middle" aria-hidden />
        )}
        {!row.is_read && <span className="sr-only">{t("unread")}: </span>}
        {row.title}
      </span>
      <span className="block text-ink-soft">{row.message}</span>
      <Time iso={row.bumped_at} className="text-sm text-ink-soft" />
    </>
  );
  return (
    <article
      className={cn(
        "flex items-start gap-2 rounded-2xl border border-line p-3 ps-4",
        row.is_read ? "bg-raised" : "bg-brand-soft",
      )}
    >
      {row.link ? (
        <Link to={row.link} onClick={read} className="min-w-0 flex-1">
          {text}
        </Link>
      ) : (
        <div className="min-w-0 flex-1">{text}</div>
      )}
      <div className="flex shrink-0 flex-col sm:flex-row-reverse">
        <IconButton label={t("why.button")} onClick={onWhy}>
          <CircleHelp aria-hidden className="size-5" />
        </IconButton>
        <IconButton
          label={t(row.is_read ? "markUnread" : "markRead")}
          onClick={() => mark.mutate({ id: row.id, is_read: !row.is_read })}
        >
          {row.is_read ? (
            <Mail aria-hidden className="size-5" />
          ) : (
            <MailOpen aria-hidden className="size-5" />
          )}
        </IconButton>
      </div>
    </article>
  );
}
