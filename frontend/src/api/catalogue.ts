import { queryOptions, useQuery } from "@tanstack/react-query";
import i18n from "i18next";

import { get } from "./client";
import type { Page, Schemas } from "./types";

export type Category = Schemas["Category"];
export type Skill = Schemas["Skill"];

const DAY = 86_400_000;

/** The nine categories; their names come in both languages, so that switching fetches nothing. */
export const categoriesQuery = queryOptions({
  queryKey: ["categories"],
  queryFn: () => get<Category[]>("/categories/"),
  staleTime: DAY,
});
export const useCategories = () => useQuery(categoriesQuery);

/** A category's or skill's name in the language of the interface. */
export const nameOf = (named: { name_en: string; name_ar: string }) =>
  i18n.language === "en" ? named.name_en : named.name_ar;

export const skillsQuery = (search: string, category = "") =>
  queryOptions({
    queryKey: ["skills", search, category],
    queryFn: ({ signal }) =>
      get<Page<Skill>>("/skills/", {
        params: { search: search || undefined, category: category || undefined, page_size: 12 },
        signal,
      }),
    staleTime: 5 * 60_000,
  });
