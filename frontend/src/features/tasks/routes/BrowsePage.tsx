import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { SearchX, SlidersHorizontal, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { nameOf, useCategories } from "@/api/catalogue";
import { FILTERS, tasksQuery, type TaskFilters } from "@/api/tasks";
import { Page } from "@/components/layout/Shell";
import { TaskCard } from "@/components/tasks/TaskCard";
import {
  Button,
  Dialog,
  EmptyState,
  LinkButton,
  LoadError,
  Pager,
  Select,
  SkeletonList,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { money } from "@/lib/format";
import { mayPost, useSession } from "@/lib/session";
import { usePageTitle } from "@/lib/usePageTitle";

import { Filters } from "../components/Filters";
import { SearchBox } from "../components/SearchBox";

const ORDERS = ["-created_at", "budget", "-budget", "deadline"] as const;

/** Filters are in the address: what one found can be sent to others, and going back finds it again. */
function useFilters() {
  const [params, setParams] = useSearchParams();
  const filters: TaskFilters = {};
  for (const name of FILTERS) {
    const value = params.get(name);
    if (value) filters[name] = value;
  }
  const change = (values: TaskFilters, { replace = false } = {}) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        next.delete("page");
        for (const [name, value] of Object.entries(values)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace },
    );
  return { filters, change };
}

export default function BrowsePage() {
  const { t } = useTranslation(["tasks", "cards", "common"]);
  const { filters, change } = useFilters();
  const [open, setOpen] = useState(false);
  const user = useSession((session) => session.user);
  // What is over or under way is for those whom it concerns: here is what one can still get.
  const found = useQuery({
    ...tasksQuery({ ...filters, status: "OPEN" }),
    placeholderData: keepPreviousData,
  });
  usePageTitle(t("browse.title"));

  return (
    <Page>
      <h1 className="mb-4 text-2xl font-bold sm:text-3xl">{t("browse.title")}</h1>
      <div className="mb-3 flex gap-2">
        <SearchBox
          value={filters.search ?? ""}
          onSearch={(search) => change({ search, ordering: "" }, { replace: true })}
        />
        <Button
          look="secondary"
          className="lg:hidden"
          onClick={() => setOpen(true)}
          icon={<SlidersHorizontal aria-hidden className="size-5" />}
        >
          <span className="sr-only sm:not-sr-only">{t("filter.title")}</span>
        </Button>
      </div>
      <Chips filters={filters} change={change} />
      <div className="grid gap-6 lg:grid-cols-[16rem_1fr]">
        <aside aria-label={t("filter.title")} className="hidden lg:block">
          <div className="sticky top-20 rounded-2xl border border-line bg-raised p-4">
            <Filters filters={filters} change={change} />
          </div>
        </aside>
        <section aria-label={t("browse.results")} aria-busy={found.isFetching} className="min-w-0">
          {found.isPending && <SkeletonList rows={5} tall />}
          {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
          {found.data && (
            <>
              <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
                <p role="status" className="text-ink-soft">
                  {t("browse.count", { count: found.data.count })}
                  {found.data.mode === "lexical" && <span> · {t("search.lexical")}</span>}
                </p>
                <label className="flex items-center gap-2">
                  <span className="shrink-0 text-ink-soft">{t("order.label")}</span>
                  <Select
                    className="w-auto"
                    value={filters.ordering ?? (filters.search ? "relevance" : "-created_at")}
                    onChange={(event) => change({ ordering: event.target.value })}
                  >
                    {filters.search && <option value="relevance">{t("order.relevance")}</option>}
                    {ORDERS.map((order) => (
                      <option key={order} value={order}>
                        {t(`order.${order}`)}
                      </option>
                    ))}
                  </Select>
                </label>
              </div>
              {found.data.did_you_mean && (
                <p className="mb-3">
                  {t("search.didYouMean")}{" "}
                  <button
                    type="button"
                    className="font-semibold text-brand underline underline-offset-4"
                    onClick={() => change({ search: found.data.did_you_mean ?? "" })}
                  >
                    <bdi>{found.data.did_you_mean}</bdi>
                  </button>
                </p>
              )}
              {found.data.results.length === 0 ? (
                <EmptyState
                  icon={SearchX}
                  title={t("browse.none")}
                  action={
                    mayPost(user) || !user ? (
                      <LinkButton to={paths.taskNew()}>{t("common:nav.post")}</LinkButton>
                    ) : (
                      <LinkButton to={paths.recommendations}>{t("common:nav.forYou")}</LinkButton>
                    )
                  }
                >
                  {t("browse.noneWhy")}
                </EmptyState>
              ) : (
                <ul className="flex flex-col gap-3">
                  {found.data.results.map((task, place) => (
                    // By place as well: another list replaces the cards, it does not slide them about.
                    <li key={`${place}.${task.id}`}>
                      <TaskCard task={task} />
                    </li>
                  ))}
                </ul>
              )}
              <Pager count={found.data.count} />
            </>
          )}
        </section>
      </div>
      <Dialog
        as="sheet"
        open={open}
        onOpenChange={setOpen}
        title={t("filter.title")}
        footer={
          <Button onClick={() => setOpen(false)}>
            {t("filter.show", { count: found.data?.count ?? 0 })}
          </Button>
        }
      >
        <Filters filters={filters} change={change} />
      </Dialog>
    </Page>
  );
}

/** What narrows the list now, each with a way to take it off. */
function Chips({ filters, change }: { filters: TaskFilters; change: (values: TaskFilters) => void }) {
  const { t } = useTranslation("tasks");
  const categories = useCategories();
  const category = categories.data?.find((one) => one.slug === filters.category);
  const chips: { label: string; clear: TaskFilters }[] = [];
  if (filters.category)
    chips.push({ label: category ? nameOf(category) : filters.category, clear: { category: "" } });
  if (filters.listing_type)
    chips.push({ label: t(`filter.${filters.listing_type}`), clear: { listing_type: "" } });
  if (filters.task_type) chips.push({ label: t(`type.${filters.task_type}`), clear: { task_type: "" } });
  if (filters.city) chips.push({ label: filters.city, clear: { city: "" } });
  if (filters.is_remote) chips.push({ label: t("filter.remote"), clear: { is_remote: "" } });
  if (filters.skills) chips.push({ label: t("filter.skills"), clear: { skills: "" } });
  if (filters.min_budget || filters.max_budget) {
    const [least, most] = [filters.min_budget, filters.max_budget].map((end) =>
      end && Number.isFinite(Number(end)) ? money(Math.round(Number(end))) : end,
    );
    const label =
      least && most
        ? `${least} – ${most}`
        : least
          ? t("filter.least", { least })
          : t("filter.most", { most });
    chips.push({ label, clear: { min_budget: "", max_budget: "" } });
  }
  if (!chips.length) return null;
  return (
    <ul className="mb-4 flex flex-wrap gap-2" aria-label={t("filter.chosen")}>
      {chips.map((chip) => (
        <li key={Object.keys(chip.clear)[0]}>
          <button
            type="button"
            onClick={() => change(chip.clear)}
            aria-label={t("filter.remove", { name: chip.label })}
            className="inline-flex min-h-9 items-center gap-1.5 rounded-full bg-brand-soft px-3 text-sm font-medium text-brand-strong"
          >
            <bdi>{chip.label}</bdi>
            <X aria-hidden className="size-4" />
          </button>
        </li>
      ))}
    </ul>
  );
}
