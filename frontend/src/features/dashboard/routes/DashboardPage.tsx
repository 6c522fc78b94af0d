import { useQuery } from "@tanstack/react-query";
import {
  Briefcase,
  CheckCircle2,
  Circle,
  ClipboardList,
  MessageCircle,
  PackageCheck,
  Plus,
  Send,
  Sparkles,
  type LucideIcon,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { get } from "@/api/client";
import { forYouQuery } from "@/api/recommendations";
import { fetchAssigned, fetchMine } from "@/api/tasks";
import type { Page as ApiPage, Schemas } from "@/api/types";
import { wishesQuery } from "@/api/wishes";
import { Page } from "@/components/layout/Shell";
import { MatchRing } from "@/components/recommendations/MatchRing";
import { TaskCard } from "@/components/tasks/TaskCard";
import { Card, EmptyState, LinkButton, LoadError, Notice, Said, SkeletonList, Time } from "@/components/ui";
import { paths } from "@/config/paths";
import { number } from "@/lib/format";
import { mayApply, mayPost, useSession, type OwnUser } from "@/lib/session";
import { useUnread } from "@/lib/unread";
import { usePageTitle } from "@/lib/usePageTitle";

export default function DashboardPage() {
  const { t } = useTranslation(["dashboard", "common"]);
  const user = useSession((session) => session.user);
  usePageTitle(t("title"));
  if (!user) return null;
  return (
    <Page>
      <div className="flex flex-col gap-6">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-2xl font-bold sm:text-3xl">
            {t("hello")} <Said>{user.first_name || user.username}</Said>
          </h1>
          <div className="flex flex-wrap gap-2">
            {mayPost(user) && (
              <LinkButton to={paths.taskNew()} icon={<Plus aria-hidden className="size-5" />}>
                {t("common:nav.post")}
              </LinkButton>
            )}
            {mayApply(user) && (
              <LinkButton look="secondary" to={paths.services}>
                {t("common:nav.services")}
              </LinkButton>
            )}
          </div>
        </header>
        {!user.is_verified && (
          <Notice
            action={
              <LinkButton size="sm" look="secondary" to={paths.settings}>
                {t("verifyAction")}
              </LinkButton>
            }
          >
            {t("verify")}
          </Notice>
        )}
        <NeedsMe user={user} />
        {mayApply(user) && <FirstSteps user={user} />}
        {mayPost(user) && <MyOpenTasks />}
        {mayApply(user) && <BestMatches />}
      </div>
    </Page>
  );
}

/** What waits for an answer of mine, each a link to where it is given. */
function NeedsMe({ user }: { user: OwnUser }) {
  const { t } = useTranslation("dashboard");
  const unread = useUnread((counts) => counts.messages);
  const open = useQuery({
    queryKey: ["tasks", "mine", { status: "OPEN", dashboard: 1 }],
    queryFn: () => fetchMine({ status: "OPEN", listing_type: "task_request", page_size: 50 }),
    enabled: mayPost(user),
  });
  const running = useQuery({
    queryKey: ["tasks", "mine", { status: "IN_PROGRESS", dashboard: 1 }],
    queryFn: () => fetchMine({ status: "IN_PROGRESS", page_size: 50 }),
    enabled: mayPost(user),
  });
  const assigned = useQuery({
    queryKey: ["tasks", "assigned", { status: "IN_PROGRESS", dashboard: 1 }],
    queryFn: () => fetchAssigned({ status: "IN_PROGRESS", page_size: 50 }),
    enabled: mayApply(user),
  });
  const pending = useQuery({
    queryKey: ["applications", "mine", { status: "PENDING", dashboard: 1 }],
    queryFn: () =>
      get<ApiPage<Schemas["Application"]>>("/tasks/applications/", {
        params: { status: "PENDING", page_size: 1 },
      }),
    enabled: mayApply(user),
  });
  const waiting = (open.data?.results ?? []).filter((task) => task.applications_count > 0);
  const delivered = (running.data?.results ?? []).filter((task) => task.delivered_at);
  const toDeliver = (assigned.data?.results ?? []).filter((task) => !task.delivered_at);
  const first = waiting[0];
  const cells: { Icon: LucideIcon; label: string; count: number; to: string; show: boolean }[] = [
    { Icon: MessageCircle, label: t("needs.messages"), count: unread, to: paths.messages, show: true },
    {
      Icon: ClipboardList,
      label: t("needs.applications"),
      count: waiting.reduce((sum, task) => sum + task.applications_count, 0),
      to: first && waiting.length === 1 ? paths.taskApplications(first.id) : `${paths.myTasks}?status=OPEN`,
      show: mayPost(user),
    },
    {
      Icon: PackageCheck,
      label: t("needs.deliveries"),
      count: delivered.length,
      to: delivered[0] ? paths.task(delivered[0].id) : `${paths.myTasks}?status=IN_PROGRESS`,
      show: mayPost(user),
    },
    {
      Icon: Briefcase,
      label: t("needs.work"),
      count: toDeliver.length,
      to: `${paths.myTasks}?view=assigned&status=IN_PROGRESS`,
      show: mayApply(user),
    },
    {
      Icon: Send,
      label: t("needs.pending"),
      count: pending.data?.count ?? 0,
      to: `${paths.applications}?status=PENDING`,
      show: mayApply(user),
    },
  ];
  return (
    <section aria-labelledby="needs">
      <h2 id="needs" className="sr-only">
        {t("needs.title")}
      </h2>
      <ul className="grid grid-cols-2 gap-3 md:auto-cols-fr md:grid-flow-col md:grid-cols-none">
        {cells
          .filter((cell) => cell.show)
          .map(({ Icon, label, count, to }) => (
            <li key={label} className="max-md:last:odd:col-span-2">
              <Link
                to={to}
                className="flex h-full flex-col gap-1 rounded-2xl border border-line bg-raised p-4 shadow-card hover:border-line-strong"
              >
                <Icon aria-hidden className="size-6 text-brand" />
                <span className="text-2xl font-extrabold">{number(count)}</span>
                <span className="text-ink-soft">{label}</span>
              </Link>
            </li>
          ))}
      </ul>
      {toDeliver.some((task) => task.deadline) && (
        <ul className="mt-3 flex flex-col gap-1">
          {toDeliver
            .filter((task) => task.deadline)
            .slice(0, 3)
            .map((task) => (
              <li key={task.id}>
                <Link
                  to={paths.task(task.id)}
                  className="font-medium text-brand underline-offset-4 hover:underline"
                >
                  <Said>{task.title}</Said>
                </Link>{" "}
                <span className="text-ink-soft">
                  — {t("due")} {task.deadline && <Time iso={task.deadline} />}
                </span>
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}

/** What a freelancer has not done yet, until all of it is done. */
function FirstSteps({ user }: { user: OwnUser }) {
  const { t } = useTranslation("dashboard");
  const skills = useQuery({
    queryKey: ["my-skills"],
    queryFn: () => get<ApiPage<Schemas["UserSkill"]>>("/skills/user-skills/", { params: { page_size: 100 } }),
  });
  const wishes = useQuery(wishesQuery);
  const own = [
    { name: "bio", done: user.bio.trim().length > 20, to: paths.profile },
    { name: "picture", done: !!user.profile_picture, to: paths.profile },
  ] as const;
  if (skills.error || wishes.error) return null;
  const fetched = !!skills.data && !!wishes.data;
  // What the account tells by itself is enough to know that the card is needed: it is there from the beginning.
  if (!fetched && own.every((step) => step.done)) return null;
  const steps = [
    { name: "skills", done: (skills.data?.results.length ?? 0) >= 3, to: paths.profile },
    { name: "wishes", done: !!wishes.data?.onboarding_completed, to: paths.onboarding },
    ...own,
  ] as const;
  if (steps.every((step) => step.done)) return null;
  return (
    <Card aria-busy={!fetched}>
      <h2 className="mb-2 text-lg font-bold">{t("steps.title")}</h2>
      <ul className="grid gap-1 sm:grid-cols-2">
        {steps.map((step) => (
          <li key={step.name}>
            <Link to={step.to} className="flex min-h-11 items-center gap-2 rounded-lg px-2 hover:bg-sunken">
              {step.done ? (
                <CheckCircle2 aria-hidden className="size-5 text-good" />
              ) : (
                <Circle aria-hidden className="size-5 text-ink-soft" />
              )}
              <span className={step.done ? "text-ink-soft line-through" : ""}>{t(`steps.${step.name}`)}</span>
              <span className="sr-only">{step.done ? t("steps.done") : t("steps.open")}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function MyOpenTasks() {
  const { t } = useTranslation(["dashboard", "common"]);
  const found = useQuery({
    queryKey: ["tasks", "mine", { newest: 1 }],
    queryFn: () => fetchMine({ listing_type: "task_request", page_size: 3 }),
  });
  return (
    <section aria-labelledby="mine">
      <div className="mb-3 flex items-center justify-between">
        <h2 id="mine" className="text-xl font-bold">
          {t("mine")}
        </h2>
        <Link to={paths.myTasks} className="font-medium text-brand underline-offset-4 hover:underline">
          {t("all")}
        </Link>
      </div>
      {found.isPending && <SkeletonList rows={3} tall className="grid lg:grid-cols-3" />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data?.results.length === 0 && (
        <EmptyState
          icon={ClipboardList}
          title={t("noTasks")}
          action={<LinkButton to={paths.taskNew()}>{t("common:nav.post")}</LinkButton>}
        >
          {t("noTasksWhy")}
        </EmptyState>
      )}
      <ul className="grid gap-3 lg:grid-cols-3">
        {found.data?.results.map((task) => (
          <li key={task.id}>
            <TaskCard task={task} level="h3" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function BestMatches() {
  const { t } = useTranslation("dashboard");
  const found = useQuery(forYouQuery(12));
  const best = found.data?.recommendations.slice(0, 4) ?? [];
  return (
    <section aria-labelledby="matches">
      <div className="mb-3 flex items-center justify-between">
        <h2 id="matches" className="text-xl font-bold">
          {t("matches")}
        </h2>
        <Link
          to={paths.recommendations}
          className="font-medium text-brand underline-offset-4 hover:underline"
        >
          {t("all")}
        </Link>
      </div>
      {found.isPending && <SkeletonList rows={4} tall className="grid md:grid-cols-2" />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data && best.length === 0 && (
        <EmptyState
          icon={Sparkles}
          title={t("noMatches")}
          action={<LinkButton to={paths.profile}>{t("steps.skills")}</LinkButton>}
        >
          {t("noMatchesWhy")}
        </EmptyState>
      )}
      <ul className="grid gap-3 md:grid-cols-2">
        {best.map((one) => (
          <li key={one.task.id}>
            <TaskCard task={one.task} level="h3" aside={<MatchRing value={one.match_percentage} />} />
          </li>
        ))}
      </ul>
    </section>
  );
}
