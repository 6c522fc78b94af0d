import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { nameOf, skillsQuery, type Skill } from "@/api/catalogue";
import { Combobox } from "@/components/ui";
import { useDebounced } from "@/lib/useDebounced";

/** Finds a skill as one types, in either language and with mistakes; `taken` are not offered again. */
export function SkillSearch({
  taken,
  onPick,
  label,
  placeholder,
}: {
  taken: readonly number[];
  onPick: (skill: Skill) => void;
  label: string;
  placeholder?: string;
}) {
  const [query, setQuery] = useState("");
  const settled = useDebounced(query.trim(), 200);
  const found = useQuery({ ...skillsQuery(settled), placeholderData: keepPreviousData });
  const left = (found.data?.results ?? []).filter((skill) => !taken.includes(skill.id));
  return (
    <Combobox
      label={label}
      placeholder={placeholder}
      query={query}
      onQuery={setQuery}
      loading={found.isFetching}
      options={left.map((skill) => ({ value: String(skill.id), text: nameOf(skill), label: nameOf(skill) }))}
      onPick={(option) => {
        const skill = left.find((one) => String(one.id) === option.value);
        if (skill) onPick(skill);
        setQuery("");
      }}
    />
  );
}
