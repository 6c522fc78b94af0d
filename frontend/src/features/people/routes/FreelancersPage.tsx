import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Search, UserSearch } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { nameOf, skillsQuery } from "@/api/catalogue";
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
  Select,
  SkeletonList,
} from "@/components/ui";
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
  const skillId = params.get("skill");
  const skills = useQuery({ ...skillsQuery(""), enabled: !!skillId });
  const skill = skills.data?.results.find((one) => String(one.id) === skillId);
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
        <Input type="search" value={words} onChange={(event) => setWords(event.target.value)} />
      </Field>
      <div className="flex flex-col gap-1.5">
        <span aria-hidden className="font-medium">
          {t("skill")}
        </span>
        {skillId ? (
          <Button look="secondary" onClick={() => change({ skill: "" })} aria-label={t("removeSkill")}>
            {skill ? nameOf(skill) : t("chosen")} ✕
          </Button>
        ) : (
          <SkillSearch label={t("skill")} taken={[]} onPick={(one) => change({ skill: String(one.id) })} />
        )}
      </div>
      <Field label={t("city")}>
        <Input value={city} onChange={(event) => setCity(event.target.value)} />
      </Field>
      <Field label={t("rating")}>
        <Select
          value={params.get("min_rating") ?? ""}
          onChange={(event) => change({ min_rating: event.target.value })}
        >
          <option value="">{t("any")}</option>
          {["3", "4", "4.5"].map((value) => (
            <option key={value} value={value}>
              {t("atLeast", { value })}
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
  return (
    <Page>
      <PageHeader title={t("forTask")}>{t("forTaskWhy")}</PageHeader>
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
