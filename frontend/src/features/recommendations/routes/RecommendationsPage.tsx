import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Sparkles, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { forYouQuery, type Recommended } from "@/api/recommendations";
import { notificationSocket } from "@/api/sockets";
import { Page } from "@/components/layout/Shell";
import { MatchRing } from "@/components/recommendations/MatchRing";
import { WhyThis } from "@/components/recommendations/WhyThis";
import { TaskCard } from "@/components/tasks/TaskCard";
import {
  Badge,
  Button,
  EmptyState,
  LinkButton,
  LoadError,
  Menu,
  MenuItem,
  Notice,
  PageHeader,
  SkeletonList,
  Time,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { mayApply, useSession } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

import { noteFeedback, REASONS, useDismiss, useUndoDismiss } from "../api/feedback";

const STEP = 12;

export default function RecommendationsPage() {
  const { t } = useTranslation(["recommendations", "common"]);
  const user = useSession((session) => session.user);
  const client = useQueryClient();
  const [limit, setLimit] = useState(STEP);
  const found = useQuery({
    ...forYouQuery(limit),
    enabled: mayApply(user),
    placeholderData: keepPreviousData,
  });
  usePageTitle(t("title"));
  // A new match is told of by a notification: the list shows it without being asked.
  useEffect(
    () =>
      notificationSocket.listen((frame) => {
        const told = frame.notification as { notification_type?: string } | undefined;
        if (told?.notification_type === "recommendation")
          void client.invalidateQueries({ queryKey: ["recommendations"] });
      }),
    [client],
  );
  const list = found.data;
  return (
    <Page>
      <PageHeader
        title={t("title")}
        action={
          <LinkButton look="secondary" to={paths.onboarding}>
            {t("wishes")}
          </LinkButton>
        }
      >
        {t("sub")}
      </PageHeader>
      {!mayApply(user) && <Notice>{t("clientsNot")}</Notice>}
      {mayApply(user) && found.isPending && <SkeletonList rows={5} tall />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {list?.stale && <Notice className="mb-4">{t("stale")}</Notice>}
      {list?.algorithm_used === "cold_start" && list.recommendations.length > 0 && (
        <Notice
          className="mb-4"
          action={
            <LinkButton size="sm" to={paths.profile}>
              {t("addSkills")}
            </LinkButton>
          }
        >
          {t("coldStart")}
        </Notice>
      )}
      {list?.recommendations.length === 0 && (
        <EmptyState
          icon={Sparkles}
          title={t("none")}
          action={<LinkButton to={paths.profile}>{t("addSkills")}</LinkButton>}
        >
          {t("noneWhy")}
        </EmptyState>
      )}
      {list && (
        <ul className="flex flex-col gap-3">
          {list.recommendations.map((one) => (
            <li key={one.task.id}>
              <Suggestion one={one} />
            </li>
          ))}
        </ul>
      )}
      {list && list.total_count > list.recommendations.length && limit < 100 && (
        <Button
          look="secondary"
          className="mt-5"
          busy={found.isFetching}
          onClick={() => setLimit(limit + STEP)}
        >
          {t("common:action.more")}
        </Button>
      )}
      {list?.computed_at && (
        <p className="mt-4 text-sm text-ink-soft">
          {t("computed")} <Time iso={list.computed_at} />
        </p>
      )}
    </Page>
  );
}

function Suggestion({ one }: { one: Recommended }) {
  const { t } = useTranslation("recommendations");
  const say = useErrorText();
  const dismiss = useDismiss();
  const undo = useUndoDismiss();
  // The card is gone before the answer comes, and what hangs on it with it: what follows hangs on the promise.
  const away = (reason: string) =>
    dismiss.mutateAsync({ task: one.task.id, reason }).then(
      () =>
        toast(t("dismissed"), {
          action: {
            label: t("undo"),
            onClick: () =>
              void undo.mutateAsync(one.task.id).catch((error: unknown) => toast.error(say(error))),
          },
        }),
      (error: unknown) => toast.error(say(error)),
    );
  return (
    <div
      onClickCapture={(event) =>
        event.target instanceof Element &&
        event.target.closest("h2 a") &&
        void noteFeedback(one.task.id, "clicked").catch(() => undefined)
      }
    >
      <TaskCard task={one.task} aside={<MatchRing value={one.match_percentage} />}>
        <div className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
          {one.explored && <Badge tone="accent">{t("new")}</Badge>}
          {one.match_reasons.slice(0, 3).map((reason) => (
            <Badge key={reason} tone="good">
              {reason}
            </Badge>
          ))}
          <span className="ms-auto flex gap-1">
            <WhyThis why={one.why} reasons={one.match_reasons} />
            <Menu
              trigger={
                <Button look="quiet" size="sm" icon={<X aria-hidden className="size-4" />}>
                  {t("notForMe")}
                </Button>
              }
            >
              {REASONS.map((reason) => (
                <MenuItem key={reason} onSelect={() => void away(reason)}>
                  {t(`reason.${reason}`)}
                </MenuItem>
              ))}
            </Menu>
          </span>
        </div>
      </TaskCard>
    </div>
  );
}
