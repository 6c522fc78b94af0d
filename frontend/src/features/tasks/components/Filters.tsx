import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import { nameOf, useCategories } from "@/api/catalogue";
import { facetsQuery, type TaskFilters } from "@/api/tasks";
import { Checkbox, Choices, Field, Input, Select } from "@/components/ui";
import { money, number } from "@/lib/format";

type Props = { filters: TaskFilters; change: (values: TaskFilters, how?: { replace?: boolean }) => void };

const TYPES = ["PHYSICAL", "DIGITAL", "BOTH", "ONE_TIME", "RECURRING"] as const;

/** Everything a list of tasks can be narrowed by, with how many each choice would leave. */
export function Filters({ filters, change }: Props) {
  const { t } = useTranslation("tasks");
  const categories = useCategories();
  const cities = useId();
  const { page: _page, ordering: _ordering, ...narrowing } = filters;
  const facets = useQuery({
    ...facetsQuery({ ...narrowing, status: "OPEN" }),
    placeholderData: keepPreviousData,
  });
  const counted = (name: "category" | "city" | "task_type" | "listing_type", value: string) =>
    (facets.data?.[name] as readonly { value: string; count: number }[] | undefined)?.find(
      (one) => one.value === value,
    )?.count;
  const withCount = (label: string, count: number | undefined) =>
    count === undefined ? label : `${label} (${number(count)})`;
  const band =
    filters.min_budget || filters.max_budget ? `${filters.min_budget ?? ""}-${filters.max_budget ?? ""}` : "";

  return (
    <div className="flex flex-col gap-5">
      <Field label={t("filter.category")}>
        <Select value={filters.category ?? ""} onChange={(event) => change({ category: event.target.value })}>
          <option value="">{t("filter.all")}</option>
          {categories.data?.map((category) => (
            <option key={category.slug} value={category.slug}>
              {withCount(nameOf(category), counted("category", category.slug))}
            </option>
          ))}
        </Select>
      </Field>
      <Choices legend={t("filter.kind")}>
        <Select
          aria-label={t("filter.kind")}
          value={filters.listing_type ?? ""}
          onChange={(event) => change({ listing_type: event.target.value })}
        >
          <option value="">{t("filter.both")}</option>
          <option value="task_request">
            {withCount(t("filter.task_request"), counted("listing_type", "task_request"))}
          </option>
          <option value="service_offer">
            {withCount(t("filter.service_offer"), counted("listing_type", "service_offer"))}
          </option>
        </Select>
      </Choices>
      <Field label={t("filter.budget")}>
        <Select
          value={band}
          onChange={(event) => {
            const [least = "", most = ""] = event.target.value.split("-");
            change({ min_budget: least, max_budget: most });
          }}
        >
          <option value="">{t("filter.any")}</option>
          {facets.data?.budget.map((one) => (
            <option key={one.min} value={`${one.min}-${one.max}`}>
              {withCount(`${money(one.min)} – ${money(Math.round(Number(one.max)))}`, one.count)}
            </option>
          ))}
          {band && !facets.data?.budget.some((one) => `${one.min}-${one.max}` === band) && (
            <option value={band}>
              {filters.min_budget && filters.max_budget
                ? `${money(filters.min_budget)} – ${money(filters.max_budget)}`
                : filters.min_budget
                  ? t("filter.least", { least: money(filters.min_budget) })
                  : t("filter.most", { most: money(filters.max_budget ?? 0) })}
            </option>
          )}
        </Select>
      </Field>
      <Field label={t("filter.city")}>
        <Input
          list={cities}
          maxLength={100}
          value={filters.city ?? ""}
          onChange={(event) => change({ city: event.target.value }, { replace: true })}
        />
        <datalist id={cities}>
          {facets.data?.city.slice(0, 20).map((city) => (
            <option key={city.value} value={city.name}>
              {number(city.count)}
            </option>
          ))}
        </datalist>
      </Field>
      <Field label={t("filter.type")}>
        <Select
          value={filters.task_type ?? ""}
          onChange={(event) => change({ task_type: event.target.value })}
        >
          <option value="">{t("filter.any")}</option>
          {TYPES.map((type) => (
            <option key={type} value={type}>
              {withCount(t(`type.${type}`), counted("task_type", type))}
            </option>
          ))}
        </Select>
      </Field>
      <Checkbox
        label={t("filter.remote")}
        checked={filters.is_remote === "true"}
        onChange={(event) => change({ is_remote: event.target.checked ? "true" : "" })}
      />
    </div>
  );
}
