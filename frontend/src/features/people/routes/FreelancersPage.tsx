import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Search, SlidersHorizontal, UserSearch, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { nameOf, skillsQuery, type Skill } from "@/api/catalogue";
import { taskQuery } from "@/api/tasks";
import { Page } from "@/components/layout/Shell";
import { PersonCard } from "@/components/people/PersonCard";
import { MatchRing } from "@/components/recommendations/MatchRing";
import { WhyThis } from "@/components/recommendations/WhyThis";
import { SkillSearch } from "@/components/skills/SkillSearch";
import {
  Badge,
  Button,
  EmptyState,
  Field,
  Input,
  LoadError,
  PageHeader,
  Pager,
  Said,
  Select,
  SkeletonList,
  TextLink,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { rating } from "@/lib/format";
import { usePageTitle } from "@/lib/usePageTitle";

import { peopleQuery, suitedQuery } from "../api/people";

export default function FreelancersPage() {
  const { t } = useTranslation(["people", "common"]);
  const [params, setParams] = useSearchParams();
  const task = params.get("task");
  usePageTitle(t(task ? "forTask" : "title"));
  const change = (values: Record<string, string>) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      next.delete("page");
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    });
  if (task) return <ForTask task={task} />;
  return (
    <Page>
      <PageHeader title={t("title")}>{t("why")}</PageHeader>
      <Narrow params={params} change={change} />
      <Found params={params} />
    </Page>
  );
}

function Narrow({
  params,
  change,
}: {
  params: URLSearchParams;
  change: (values: Record<string, string>) => void;
}) {
  const { t } = useTranslation(["people", "common"]);
  const [words, setWords] = useState(params.get("search") ?? "");
  const [city, setCity] = useState(params.get("city") ?? "");
  // On a phone the people come first: what else narrows them is opened by who wants it.
  const [open, setOpen] = useState(() => ["skill", "city", "min_rating"].some((name) => params.has(name)));
  const more = open ? "flex" : "hidden sm:flex";
  const skillId = params.get("skill");
  const skills = useQuery({ ...skillsQuery(""), enabled: !!skillId });
  const [picked, setPicked] = useState<Skill | null>(null);
  const skill = [...(skills.data?.results ?? []), ...(picked ? [picked] : [])].find(
    (one) => String(one.id) === skillId,
  );
  return (
    <form
      role="search"
      className="mb-6 grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-[2fr_1.5fr_1fr_1fr_auto]"
      onSubmit={(event) => {
        event.preventDefault();
        change({ search: words.trim(), city: city.trim() });
      }}
    >
      <Field label={t("words")}>
        <Input
          type="search"
          value={words}
          maxLength={200}
          onChange={(event) => setWords(event.target.value)}
        />
      </Field>
      <Button
        look="secondary"
        className="sm:hidden"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        icon={<SlidersHorizontal aria-hidden className="size-5" />}
      >
        {t("narrow")}
      </Button>
      <div className={cn("flex-col gap-1.5", more)}>
        <span aria-hidden className="font-medium">
          {t("skill")}
        </span>
        {skillId ? (
          <Button look="secondary" onClick={() => change({ skill: "" })} aria-label={t("removeSkill")}>
            {skill ? nameOf(skill) : t("chosen")}
            <X aria-hidden className="size-4" />
          </Button>
        ) : (
          <SkillSearch
            label={t("skill")}
            taken={[]}
            onPick={(one) => {
              setPicked(one);
              change({ skill: String(one.id) });
            }}
          />
        )}
      </div>
      <Field label={t("city")} className={more}>
        <Input value={city} maxLength={100} onChange={(event) => setCity(event.target.value)} />
      </Field>
      <Field label={t("rating")} className={more}>
        <Select
          value={params.get("min_rating") ?? ""}
          onChange={(event) => change({ min_rating: event.target.value })}
        >
          <option value="">{t("any")}</option>
          {["3", "4", "4.5"].map((value) => (
            <option key={value} value={value}>
              {t("atLeast", { value: rating(value) })}
            </option>
          ))}
        </Select>
      </Field>
      <Button type="submit" icon={<Search aria-hidden className="size-5" />}>
        {t("common:nav.search")}
      </Button>
    </form>
  );
}

function Found({ params }: { params: URLSearchParams }) {
  const { t } = useTranslation("people");
  const found = useQuery({
    ...peopleQuery(
      Object.fromEntries(
        ["search", "skill", "city", "min_rating", "page"].map((name) => [
          name,
          params.get(name) ?? undefined,
        ]),
      ),
    ),
    placeholderData: keepPreviousData,
  });
  if (found.isPending) return <SkeletonList />;
  if (found.error) return <LoadError error={found.error} retry={() => void found.refetch()} />;
  if (found.data.results.length === 0) {
    return (
      <EmptyState icon={UserSearch} title={t("none")}>
        {t("noneWhy")}
      </EmptyState>
    );
  }
  return (
    <>
      <p role="status" className="mb-3 text-ink-soft">
        {t("count", { count: found.data.count })}
      </p>
      <ul className="grid gap-3 md:grid-cols-2">
        {found.data.results.map((person) => (
          <li key={person.id}>
            <PersonCard person={person} />
          </li>
        ))}
      </ul>
      <Pager count={found.data.count} />
    </>
  );
}

/** For the owner of a task: who suits it, and why. */
function ForTask({ task }: { task: string }) {
  const { t } = useTranslation("people");
  const found = useQuery(suitedQuery(task));
  const about = useQuery(taskQuery(task));
  return (
    <Page>
      <PageHeader title={t("forTask")}>
        {about.data && (
          <>
            <TextLink to={paths.task(task)}>
              <Said>{about.data.title}</Said>
            </TextLink>
            <br />
          </>
        )}
        {t("forTaskWhy")}
      </PageHeader>
      {found.isPending && <SkeletonList />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data?.recommendations.length === 0 && <EmptyState icon={UserSearch} title={t("none")} />}
      <ul className="grid gap-3 md:grid-cols-2">
        {found.data?.recommendations.map((one) => (
          <li key={one.user.id}>
            <PersonCard person={one.user} aside={<MatchRing value={one.match_percentage} />}>
              <div className="flex flex-wrap items-center gap-2">
                {one.match_reasons.slice(0, 2).map((reason) => (
                  <Badge key={reason} tone="good">
                    {reason}
                  </Badge>
                ))}
                <WhyThis why={one.why} reasons={one.match_reasons} />
              </div>
            </PersonCard>
          </li>
        ))}
      </ul>
    </Page>
  );
}
