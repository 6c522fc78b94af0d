import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { get } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Combobox } from "@/components/ui";
import { useDebounced } from "@/lib/useDebounced";

const PAUSE_MS = 300;

/** Search as one types: what is found follows the words, suggestions stand below them. */
export function SearchBox({ value, onSearch }: { value: string; onSearch: (words: string) => void }) {
  const { t } = useTranslation("tasks");
  const [query, setQuery] = useState(value);
  const settled = useDebounced(query.trim(), 150);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const suggestions = useQuery({
    queryKey: ["suggestions", settled],
    queryFn: ({ signal }) =>
      get<Schemas["Suggestions"]>("/search/suggestions/", { params: { q: settled }, signal }),
    enabled: settled.length > 1,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
  // The address that comes back is what was searched for; any other is going back, and is shown.
  const [from, setFrom] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== from) {
    setFrom(value);
    if (value !== sent) setQuery(value);
  }
  const search = (words: string) => {
    clearTimeout(timer.current);
    setSent(words.trim());
    onSearch(words.trim());
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const options = settled.length > 1 ? (suggestions.data?.suggestions ?? []) : [];
  return (
    <Combobox
      type="search"
      className="flex-1"
      icon={<Search aria-hidden className="size-5" />}
      label={t("search.label")}
      placeholder={t("search.placeholder")}
      query={query}
      onQuery={(words) => {
        setQuery(words);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => search(words), PAUSE_MS);
      }}
      onEnter={search}
      options={options.map((one) => ({
        value: `${one.kind}:${one.text}`,
        text: one.text,
        label: <bdi>{one.text}</bdi>,
      }))}
      onPick={(option) => {
        setQuery(option.text);
        search(option.text);
      }}
    />
  );
}
