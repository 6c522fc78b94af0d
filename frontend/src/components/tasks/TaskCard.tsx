import { CalendarClock, Laptop, MapPin, Users } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { nameOf } from "@/api/catalogue";
import { fullName, type FoundTask, type Task } from "@/api/tasks";
import { Badge, Money, Rating, Said, Time } from "@/components/ui";
import { paths } from "@/config/paths";

import { Marked } from "./Marked";
import { StatusBadge } from "./StatusBadge";

type Props = { task: Task | FoundTask; children?: ReactNode; aside?: ReactNode; level?: "h2" | "h3" };

/** A task in a list. The title is the link; `aside` stands at its end, `children` below. */
export function TaskCard({ task, children, aside, level: Heading = "h2" }: Props) {
  const { t } = useTranslation("cards");
  const highlights = "highlights" in task ? task.highlights : null;
  return (
    <article className="flex h-full flex-col gap-2.5 rounded-2xl border border-line bg-raised p-4 shadow-card transition-colors hover:border-line-strong sm:p-5">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0 flex-1">
          <div className="mb-1.5 flex flex-wrap items-center gap-1.5 text-sm">
            <Badge tone="brand">{nameOf(task.category)}</Badge>
            {task.listing_type === "service_offer" && <Badge tone="accent">{t("service")}</Badge>}
            {task.status !== "OPEN" && <StatusBadge status={task.status} />}
          </div>
          <Heading className="text-lg leading-snug font-bold">
            <Link
              to={paths.task(task.id)}
              className="hover:text-brand hover:underline hover:underline-offset-4"
            >
              {highlights ? <Marked html={highlights.title} /> : <Said>{task.title}</Said>}
            </Link>
          </Heading>
        </div>
        {aside}
      </div>
      <p dir="auto" className="line-clamp-2 text-ink-soft">
        {highlights ? <Marked html={highlights.description} /> : task.description}
      </p>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-soft">
        <li className="text-base font-bold text-ink">
          <Money amount={task.budget} />
          {task.is_negotiable && (
            <span className="ms-1.5 text-sm font-normal text-ink-soft">{t("negotiable")}</span>
          )}
        </li>
        <li className="inline-flex items-center gap-1">
          {task.is_remote ? (
            <Laptop aria-hidden className="size-4" />
          ) : (
            <MapPin aria-hidden className="size-4" />
          )}
          {task.is_remote ? t("remote") : <Said>{task.city || t("anywhere")}</Said>}
        </li>
        {task.deadline && (
          <li className="inline-flex items-center gap-1">
            <CalendarClock aria-hidden className="size-4" />
            {t("until")} <Time iso={task.deadline} as="day" />
          </li>
        )}
        {task.listing_type === "task_request" && (
          <li className="inline-flex items-center gap-1">
            <Users aria-hidden className="size-4" />
            {t("applications", { count: task.applications_count })}
          </li>
        )}
        <li>
          <Time iso={task.created_at} />
        </li>
      </ul>
      {task.required_skills.length > 0 && (
        <ul className="flex flex-wrap gap-1.5" aria-label={t("skills")}>
          {task.required_skills.slice(0, 6).map((skill) => (
            <li key={skill.id}>
              <Badge>{skill.name}</Badge>
            </li>
          ))}
        </ul>
      )}
      <p className="flex flex-wrap items-center gap-2 text-sm text-ink-soft">
        <Said>{fullName(task.client)}</Said>
        <Rating value={task.client.average_rating} count={task.client.total_reviews} />
      </p>
      {children}
    </article>
  );
}
