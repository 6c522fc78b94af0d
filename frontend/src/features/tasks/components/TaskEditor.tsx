import { zodResolver } from "@hookform/resolvers/zod";
import { Lightbulb, Plus, X } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { useForm, useWatch, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useQuery } from "@tanstack/react-query";

import { nameOf, skillsQuery, useCategories } from "@/api/catalogue";
import { SkillSearch } from "@/components/skills/SkillSearch";
import {
  Button,
  Card,
  Checkbox,
  Field,
  Input,
  Money,
  Notice,
  Select,
  TextLink,
  Textarea,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { store } from "@/lib/storage";
import { useDebounced } from "@/lib/useDebounced";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { taskSchema, useSuggestions, type TaskForm } from "../api/form";

type Props = {
  start: TaskForm;
  /** Where the draft is kept on this device while it is written; not at all for a task that is there already. */
  keep?: string;
  taskId?: number;
  names?: Record<number, string>;
  error?: ReactNode;
  busy: boolean;
  submit: ReactNode;
  children?: ReactNode;
  onSubmit: (form: TaskForm, tools: UseFormReturn<TaskForm>) => Promise<unknown>;
};

const TYPES = ["DIGITAL", "PHYSICAL", "BOTH", "ONE_TIME", "RECURRING"] as const;

/** The form of a task, with advice from tasks like it as one writes. */
export function TaskEditor({
  start,
  keep,
  taskId,
  names = {},
  error,
  busy,
  submit,
  children,
  onSubmit,
}: Props) {
  const { t } = useTranslation(["tasks", "common"]);
  const form = useForm<TaskForm>({
    resolver: zodResolver(taskSchema),
    defaultValues: start,
    mode: "onTouched",
  });
  const { errors } = form.formState;
  const values = useWatch({ control: form.control }) as TaskForm;
  const categories = useCategories();
  useEffect(() => {
    if (keep) store(keep, JSON.stringify(values));
  }, [keep, values]);
  const told = useTold();
  const send = useSubmit(form.handleSubmit((given) => onSubmit(given, form)));
  const isOffer = values.listing_type === "service_offer";

  return (
    <form onSubmit={send} noValidate className="flex flex-col gap-5">
      {error}
      <Card className="flex flex-col gap-4">
        <Field
          label={t("form.title")}
          hint={t(isOffer ? "form.offerTitleHint" : "form.titleHint")}
          error={told(errors.title)}
          required
        >
          <Input {...form.register("title")} maxLength={200} />
        </Field>
        <Field
          label={t("form.description")}
          hint={t("form.descriptionHint")}
          error={told(errors.description)}
          required
        >
          <Textarea {...form.register("description")} rows={8} maxLength={10_000} />
        </Field>
        <Field label={t("filter.category")} error={told(errors.category)} required>
          {/* Anew when the choices are there: until then it could not show the one that is kept. */}
          <Select key={categories.data ? "there" : "awaited"} {...form.register("category")}>
            <option value="">{t("form.choose")}</option>
            {categories.data?.map((category) => (
              <option key={category.slug} value={category.slug}>
                {nameOf(category)}
              </option>
            ))}
          </Select>
        </Field>
        <Advice form={form} values={values} taskId={taskId} />
        <SkillsField
          form={form}
          chosen={values.required_skills}
          names={names}
          error={told(errors.required_skills)}
        />
      </Card>
      <Card className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t(isOffer ? "form.price" : "form.budget")} error={told(errors.budget)} required>
            <Input {...form.register("budget")} inputMode="decimal" dir="ltr" className="text-start" />
          </Field>
          <Field
            label={t("form.deadline")}
            hint={t("form.deadlineHint")}
            error={told(errors.deadline)}
            optional
          >
            <Input {...form.register("deadline")} type="datetime-local" dir="ltr" className="text-start" />
          </Field>
        </div>
        <Checkbox {...form.register("is_negotiable")} label={t("form.negotiable")} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("filter.type")}>
            <Select {...form.register("task_type")}>
              {TYPES.map((type) => (
                <option key={type} value={type}>
                  {t(`type.${type}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label={t("form.duration")}
            hint={t("form.durationHint")}
            error={told(errors.estimated_duration)}
            optional
          >
            <Input {...form.register("estimated_duration")} maxLength={100} />
          </Field>
        </div>
        <Checkbox {...form.register("is_remote")} label={t("form.remote")} />
        {!values.is_remote && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("filter.city")} error={told(errors.city)}>
              <Input {...form.register("city")} maxLength={100} />
            </Field>
            <Field label={t("form.place")} error={told(errors.location)} optional>
              <Input {...form.register("location")} maxLength={200} />
            </Field>
          </div>
        )}
      </Card>
      {children}
      <Button type="submit" size="lg" busy={busy} className="self-start">
        {submit}
      </Button>
    </form>
  );
}

function Advice({
  form,
  values,
  taskId,
}: {
  form: UseFormReturn<TaskForm>;
  values: TaskForm;
  taskId?: number;
}) {
  const { t } = useTranslation("tasks");
  const title = useDebounced(values.title, 700);
  const description = useDebounced(values.description, 700);
  const found = useSuggestions({
    title,
    description,
    listing_type: values.listing_type,
    city: values.city,
    task: taskId,
  });
  const advice = found.data;
  if (!advice) return null;
  const skills = advice.skills.filter((skill) => !values.required_skills.includes(skill.id)).slice(0, 8);
  const category = advice.category && advice.category.slug !== values.category ? advice.category : null;
  if (!skills.length && !category && !advice.price && !advice.duplicates.length) return null;
  return (
    <div role="status" className="flex flex-col gap-3 rounded-xl bg-brand-soft p-4">
      <p className="flex items-center gap-2 font-semibold">
        <Lightbulb aria-hidden className="size-5 text-brand" />
        {t("advice.title")}
      </p>
      {category && (
        <p className="flex flex-wrap items-center gap-2">
          {t("advice.category", { name: category.name })}
          <Button
            size="sm"
            look="secondary"
            onClick={() =>
              form.setValue("category", category.slug, { shouldValidate: true, shouldDirty: true })
            }
          >
            {t("advice.take")}
          </Button>
        </p>
      )}
      {advice.price && (
        <p>
          {t("advice.price")} <Money amount={advice.price.low} /> – <Money amount={advice.price.high} /> (
          {t("advice.median")} <Money amount={advice.price.median} />)
        </p>
      )}
      {skills.length > 0 && (
        <ul className="flex flex-wrap gap-2" aria-label={t("advice.skills")}>
          {skills.map((skill) => (
            <li key={skill.id}>
              <Button
                size="sm"
                look="secondary"
                icon={<Plus aria-hidden className="size-4" />}
                onClick={() =>
                  form.setValue("required_skills", [...values.required_skills, skill.id], {
                    shouldDirty: true,
                  })
                }
              >
                {skill.name}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {advice.duplicates.length > 0 && (
        <Notice tone="bad">
          {t("advice.duplicate")}{" "}
          {advice.duplicates.slice(0, 2).map((one) => (
            <TextLink key={one.id} to={paths.task(one.id)} target="_blank" className="me-2">
              <bdi>{one.title}</bdi>
            </TextLink>
          ))}
        </Notice>
      )}
    </div>
  );
}

function SkillsField({
  form,
  chosen,
  names,
  error,
}: {
  form: UseFormReturn<TaskForm>;
  chosen: number[];
  names: Record<number, string>;
  error: string | undefined;
}) {
  const { t } = useTranslation("tasks");
  const known = useQuery({ ...skillsQuery(""), enabled: chosen.length > 0 });
  const nameFor = (id: number) => {
    const skill = known.data?.results.find((one) => one.id === id);
    return (
      names[id] ??
      (skill
        ? nameOf(skill)
        : form.getValues("required_skills").includes(id)
          ? (kept.get(id) ?? `#${id}`)
          : "")
    );
  };
  return (
    <div className="flex flex-col gap-2">
      <Field label={t("form.skills")} optional>
        <SkillSearch
          label={t("form.skills")}
          placeholder=" "
          taken={chosen}
          onPick={(skill) => {
            kept.set(skill.id, nameOf(skill));
            form.setValue("required_skills", [...chosen, skill.id], { shouldDirty: true });
          }}
        />
      </Field>
      <ul className="flex flex-wrap gap-2" aria-label={t("form.skills")}>
        {chosen.map((id) => (
          <li key={id}>
            <button
              type="button"
              aria-label={t("form.removeSkill", { skill: nameFor(id) })}
              onClick={() =>
                form.setValue(
                  "required_skills",
                  chosen.filter((one) => one !== id),
                  { shouldDirty: true },
                )
              }
              className="inline-flex min-h-9 items-center gap-1.5 rounded-full bg-sunken px-3 text-sm"
            >
              {nameFor(id)}
              <X aria-hidden className="size-4" />
            </button>
          </li>
        ))}
      </ul>
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

// Names of skills picked on this page, which no list fetched here need hold.
const kept = new Map<number, string>();
