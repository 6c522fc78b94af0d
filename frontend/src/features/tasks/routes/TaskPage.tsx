import { useQuery } from "@tanstack/react-query";
import {
  CalendarClock,
  CheckCheck,
  Eye,
  Hourglass,
  Laptop,
  MapPin,
  MessageCircle,
  Tag,
  Share2,
  Users,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate, useParams } from "react-router";
import { toast } from "sonner";

import { nameOf } from "@/api/catalogue";
import { get } from "@/api/client";
import { fullName, taskQuery, type Task } from "@/api/tasks";
import type { Page as ApiPage, Schemas } from "@/api/types";
import { Page } from "@/components/layout/Shell";
import { PersonLine } from "@/components/people/PersonLine";
import { ReviewList } from "@/components/people/ReviewList";
import { StatusBadge } from "@/components/tasks/StatusBadge";
import { TaskCard } from "@/components/tasks/TaskCard";
import {
  Badge,
  Button,
  Card,
  IconButton,
  LinkButton,
  LoadError,
  Money,
  Notice,
  Said,
  SkeletonList,
  Time,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { number } from "@/lib/format";
import { mayApply, useSession } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

import { useConversation, useDeliver } from "../api/actions";
import { ApplyForm } from "../components/ApplyForm";
import { OwnerPanel } from "../components/OwnerPanel";
import { ReviewForm } from "../components/ReviewForm";

export default function TaskPage() {
  const { id = "" } = useParams();
  const task = useQuery(taskQuery(id));
  usePageTitle(task.data?.title);
  if (task.isPending) {
    return (
      <Page>
        <SkeletonList rows={3} />
      </Page>
    );
  }
  if (task.error) {
    return (
      <Page narrow>
        <LoadError error={task.error} retry={() => void task.refetch()} />
      </Page>
    );
  }
  return <Shown key={task.data.id} task={task.data} />;
}

function Shown({ task }: { task: Task }) {
  const { t } = useTranslation(["tasks", "cards", "common"]);
  const user = useSession((session) => session.user);
  const isOwner = user?.id === task.client.id;
  const isAssigned = user?.id === task.assigned_to?.id;
  const share = async () => {
    try {
      if (navigator.share) await navigator.share({ title: task.title, url: location.href });
      else {
        await navigator.clipboard.writeText(location.href);
        toast.success(t("detail.copied"));
      }
    } catch {
      // Closed without sharing.
    }
  };
  return (
    <Page>
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
        <article className="flex min-w-0 flex-col gap-5">
          <header>
            <div className="mb-2 flex flex-wrap items-center gap-2">
              <Badge tone="brand">{nameOf(task.category)}</Badge>
              <StatusBadge status={task.status} />
              {task.listing_type === "service_offer" && <Badge tone="accent">{t("cards:service")}</Badge>}
            </div>
            <div className="flex items-start justify-between gap-3">
              <h1 className="text-2xl font-bold sm:text-3xl">
                <Said>{task.title}</Said>
              </h1>
              <IconButton label={t("detail.share")} onClick={() => void share()}>
                <Share2 aria-hidden className="size-5" />
              </IconButton>
            </div>
            <p className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-soft">
              <Time iso={task.created_at} />
              <span className="inline-flex items-center gap-1">
                <Eye aria-hidden className="size-4" />
                {t("detail.views", { count: task.views_count })}
              </span>
              {task.listing_type === "task_request" && (
                <span className="inline-flex items-center gap-1">
                  <Users aria-hidden className="size-4" />
                  {t("cards:applications", { count: task.applications_count })}
                </span>
              )}
            </p>
          </header>
          <Gallery task={task} />
          <Card>
            <h2 className="mb-2 text-lg font-bold">{t("detail.description")}</h2>
            <p dir="auto" className="whitespace-pre-line">
              {task.description}
            </p>
            {task.required_skills.length > 0 && (
              <ul className="mt-4 flex flex-wrap gap-1.5" aria-label={t("cards:skills")}>
                {task.required_skills.map((skill) => (
                  <li key={skill.id}>
                    <Badge>{skill.name}</Badge>
                  </li>
                ))}
              </ul>
            )}
            {task.cancel_reason && (
              <Notice className="mt-4">
                {t("detail.cancelReason")} <Said>{task.cancel_reason}</Said>
              </Notice>
            )}
          </Card>
        </article>
        <aside className="flex flex-col gap-4 lg:sticky lg:top-20 lg:col-start-2 lg:row-span-2 lg:row-start-1 lg:self-start">
          <Card className="flex flex-col gap-3">
            <p className="text-2xl font-extrabold">
              <Money amount={task.budget} />
            </p>
            {task.is_negotiable && <p className="text-ink-soft">{t("cards:negotiable")}</p>}
            <ul className="flex flex-col gap-2 text-ink-soft">
              <li className="flex items-center gap-2">
                {task.is_remote ? (
                  <Laptop aria-hidden className="size-5 shrink-0" />
                ) : (
                  <MapPin aria-hidden className="size-5 shrink-0" />
                )}
                {task.is_remote ? (
                  t("cards:remote")
                ) : (
                  <Said>{[task.location, task.city].filter(Boolean).join(" · ") || t("cards:anywhere")}</Said>
                )}
              </li>
              {task.deadline && (
                <li className="flex items-center gap-2">
                  <CalendarClock aria-hidden className="size-5 shrink-0" />
                  <span>
                    {t("cards:until")} <Time iso={task.deadline} as="moment" />
                  </span>
                </li>
              )}
              <li className="flex items-center gap-2">
                <Tag aria-hidden className="size-5 shrink-0" />
                {t(`type.${task.task_type}`)}
              </li>
              {task.estimated_duration && (
                <li className="flex items-center gap-2">
                  <Hourglass aria-hidden className="size-5 shrink-0" />
                  <Said>{task.estimated_duration}</Said>
                </li>
              )}
            </ul>
          </Card>
          <Card className="flex flex-col gap-3">
            <h2 className="text-sm font-semibold text-ink-soft">
              {t(task.listing_type === "service_offer" ? "detail.provider" : "detail.client")}
            </h2>
            <PersonLine user={task.client} />
            {!isOwner && <MessageButton task={task} participant={task.client.id} />}
          </Card>
          {task.assigned_to && (
            <Card className="flex flex-col gap-3">
              <h2 className="text-sm font-semibold text-ink-soft">{t("detail.assigned")}</h2>
              <PersonLine user={task.assigned_to} />
              {isOwner && <MessageButton task={task} participant={task.assigned_to.id} />}
            </Card>
          )}
          {isOwner && <OwnerPanel task={task} />}
        </aside>
        <div className="flex min-w-0 flex-col gap-5">
          {!isOwner && <VisitorPart task={task} isAssigned={isAssigned} />}
          {task.status === "COMPLETED" && <Reviews task={task} party={isOwner || isAssigned} />}
          <Similar id={task.id} />
        </div>
      </div>
    </Page>
  );
}

function MessageButton({ task, participant }: { task: Task; participant: number }) {
  const { t } = useTranslation("tasks");
  const signedIn = useSession((session) => session.state === "user");
  const open = useConversation();
  const navigate = useNavigate();
  const say = useErrorText();
  if (!signedIn) return null;
  return (
    <Button
      look="secondary"
      busy={open.isPending}
      icon={<MessageCircle aria-hidden className="size-5" />}
      onClick={() =>
        open.mutate(
          { participant, task: task.id },
          {
            onSuccess: (found) => void navigate(paths.conversation(found.id)),
            onError: (error) => toast.error(say(error)),
          },
        )
      }
    >
      {t("detail.message")}
    </Button>
  );
}

function VisitorPart({ task, isAssigned }: { task: Task; isAssigned: boolean }) {
  const { t } = useTranslation(["tasks", "common"]);
  const say = useErrorText();
  const { pathname } = useLocation();
  const { user, state } = useSession();
  const deliver = useDeliver(task.id);
  const [justSent, setJustSent] = useState(false);
  const mine = useQuery({
    queryKey: ["applications", "mine", { task: task.id }],
    queryFn: () => get<ApiPage<Schemas["Application"]>>(`/tasks/${task.id}/applications/`),
    enabled: state === "user",
  });
  const application = mine.data?.results.find(
    (one) => one.freelancer.id === user?.id && one.status !== "WITHDRAWN",
  );
  if (isAssigned && task.status === "IN_PROGRESS") {
    return (
      <Card className="flex flex-col gap-3">
        <h2 className="text-lg font-bold">{t("deliver.title")}</h2>
        {deliver.error && <Notice tone="bad">{say(deliver.error)}</Notice>}
        {task.delivered_at ? (
          <Notice tone="good">{t("deliver.waiting")}</Notice>
        ) : (
          <>
            <p className="text-ink-soft">{t("deliver.why")}</p>
            <Button
              className="self-start"
              busy={deliver.isPending}
              onClick={() => deliver.mutate(undefined)}
              icon={<CheckCheck aria-hidden className="size-5" />}
            >
              {t("deliver.submit")}
            </Button>
          </>
        )}
      </Card>
    );
  }
  if (task.listing_type === "service_offer") return null;
  if (application || justSent) {
    return (
      <Card className="flex flex-col gap-3">
        <Notice tone="good">{t("apply.done")}</Notice>
        {application && (
          <p>
            {t("apply.yours")} <Money amount={application.offered_price} /> ·{" "}
            {t(`apply.status.${application.status}`)}
          </p>
        )}
        <LinkButton look="secondary" to={paths.applications} className="self-start">
          {t("common:nav.applications")}
        </LinkButton>
      </Card>
    );
  }
  if (task.status !== "OPEN") return null;
  if (state === "guest") {
    return (
      <Card className="flex flex-col items-start gap-3">
        <h2 className="text-lg font-bold">{t("apply.title")}</h2>
        <p className="text-ink-soft">{t("apply.guest")}</p>
        <div className="flex flex-wrap gap-2">
          <LinkButton to={paths.register("freelancer")}>{t("common:nav.register")}</LinkButton>
          <LinkButton look="secondary" to={paths.login(pathname)}>
            {t("common:nav.login")}
          </LinkButton>
        </div>
      </Card>
    );
  }
  if (!mayApply(user)) return null;
  return (
    <Card>
      <h2 className="mb-3 text-lg font-bold">{t("apply.title")}</h2>
      <ApplyForm task={task} onDone={() => setJustSent(true)} />
    </Card>
  );
}

function Gallery({ task }: { task: Task }) {
  const { t } = useTranslation("tasks");
  const pictures = [task.image, ...task.images.map((one) => one.image)].filter((one): one is string => !!one);
  if (!pictures.length) return null;
  return (
    <ul className="flex gap-3 overflow-x-auto pb-1" aria-label={t("detail.pictures")}>
      {pictures.map((picture, index) => (
        <li key={picture} className="shrink-0">
          <a href={picture} target="_blank" rel="noreferrer">
            <img
              src={picture}
              alt={t("detail.picture", { number: number(index + 1) })}
              loading={index ? "lazy" : "eager"}
              className="h-48 rounded-xl object-cover sm:h-64"
            />
          </a>
        </li>
      ))}
    </ul>
  );
}

function Reviews({ task, party }: { task: Task; party: boolean }) {
  const { t } = useTranslation("tasks");
  const user = useSession((session) => session.user);
  const reviews = useQuery({
    queryKey: ["reviews", "task", task.id],
    queryFn: () => get<ApiPage<Schemas["Review"]>>(`/tasks/${task.id}/reviews/`),
  });
  const rows = reviews.data?.results ?? [];
  const written = rows.some((review) => review.reviewer.id === user?.id);
  const other = user?.id === task.client.id ? task.assigned_to : task.client;
  return (
    <Card className="flex flex-col gap-4">
      <h2 className="text-lg font-bold">{t("review.title")}</h2>
      {rows.length > 0 && <ReviewList reviews={rows} />}
      {party && !written && reviews.data && other && <ReviewForm taskId={task.id} name={fullName(other)} />}
      {!party && rows.length === 0 && <p className="text-ink-soft">{t("review.none")}</p>}
    </Card>
  );
}

function Similar({ id }: { id: number }) {
  const { t } = useTranslation("tasks");
  const similar = useQuery({
    queryKey: ["tasks", "similar", id],
    queryFn: () => get<readonly Task[] | ApiPage<Task>>(`/tasks/${id}/similar/`),
  });
  const rows = similar.data ? ("results" in similar.data ? similar.data.results : similar.data) : [];
  if (!rows.length) return null;
  return (
    <section>
      <h2 className="mb-3 text-lg font-bold">{t("detail.similar")}</h2>
      <ul className="grid gap-3 md:grid-cols-2">
        {rows.slice(0, 4).map((task) => (
          <li key={task.id}>
            <TaskCard task={task} level="h3" />
          </li>
        ))}
      </ul>
    </section>
  );
}
