import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { nameOf } from "@/api/catalogue";
import { get, patch, post, remove } from "@/api/client";
import type { Page, Schemas } from "@/api/types";
import { EmptyState, IconButton, LoadError, Select, SkeletonList } from "@/components/ui";
import { useErrorText } from "@/lib/useErrorText";
import { Sparkles } from "lucide-react";

import { SkillSearch } from "./SkillSearch";

type UserSkill = Schemas["UserSkill"];
type Level = Schemas["ProficiencyEnum"];
const LEVELS: readonly Level[] = ["BEGINNER", "INTERMEDIATE", "ADVANCED", "EXPERT"];
const KEY = ["my-skills"];

/** One's own skills with their levels; every change is kept at once. */
export function MySkills() {
  const { t } = useTranslation(["skills", "common"]);
  const say = useErrorText();
  const client = useQueryClient();
  const mine = useQuery({
    queryKey: KEY,
    queryFn: () => get<Page<UserSkill>>("/skills/user-skills/", { params: { page_size: 100 } }),
  });
  const settle = {
    onError: (error: unknown) => toast.error(say(error)),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  };
  const add = useMutation({
    mutationFn: (id: number) =>
      post<UserSkill>("/skills/user-skills/", { skill_id: id, proficiency_level: "INTERMEDIATE" }),
    ...settle,
  });
  const change = useMutation({
    mutationFn: ({ id, ...values }: { id: number; proficiency_level?: Level; years_experience?: string }) =>
      patch<UserSkill>(`/skills/user-skills/${id}/`, values),
    ...settle,
  });
  const drop = useMutation({ mutationFn: (id: number) => remove(`/skills/user-skills/${id}/`), ...settle });

  if (mine.isPending) return <SkeletonList rows={2} />;
  if (mine.error) return <LoadError error={mine.error} retry={() => void mine.refetch()} />;
  const rows = mine.data.results;
  return (
    <div className="flex flex-col gap-4">
      <SkillSearch
        label={t("skills:add")}
        placeholder={t("skills:addPlaceholder")}
        taken={rows.map((row) => row.skill.id)}
        onPick={(skill) => add.mutate(skill.id)}
      />
      {rows.length === 0 && (
        <EmptyState icon={Sparkles} title={t("skills:none")}>
          {t("skills:noneWhy")}
        </EmptyState>
      )}
      <ul className="flex flex-col gap-2">
        {rows.map((row) => (
          <li
            key={row.id}
            className="flex flex-wrap items-center gap-2 rounded-xl border border-line p-2 ps-4"
          >
            <span className="min-w-0 flex-1 basis-[calc(100%-4rem)] font-medium sm:basis-0">
              {nameOf(row.skill)}
            </span>
            <Select
              className="order-1 sm:order-none sm:w-40"
              aria-label={t("skills:levelOf", { skill: nameOf(row.skill) })}
              value={row.proficiency_level}
              onChange={(event) =>
                change.mutate({ id: row.id, proficiency_level: event.target.value as Level })
              }
            >
              {LEVELS.map((level) => (
                <option key={level} value={level}>
                  {t(`skills:level.${level}`)}
                </option>
              ))}
            </Select>
            <IconButton
              label={t("skills:remove", { skill: nameOf(row.skill) })}
              onClick={() => drop.mutate(row.id)}
            >
              <Trash2 aria-hidden className="size-5" />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
