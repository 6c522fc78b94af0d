import { zodResolver } from "@hookform/resolvers/zod";
import { useEffect, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { z } from "zod";

import { idempotencyKey } from "@/api/client";
import { toApiError } from "@/api/errors";
import type { Task } from "@/api/tasks";
import { Button, Field, Input, Notice, Textarea } from "@/components/ui";
import { amount, maybeWords, words } from "@/lib/rules";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { useApply } from "../api/actions";

const schema = z.object({
  proposal: words(5000),
  offered_price: amount("tasks:apply.priceRule"),
  estimated_time: words(100),
  cover_letter: maybeWords(10_000),
});
type Application = z.infer<typeof schema>;
const NAMES = Object.keys(schema.shape) as (keyof Application)[];

/** An application. What is typed is kept on this device until it is sent. */
export function ApplyForm({ task, onDone }: { task: Task; onDone: () => void }) {
  const { t } = useTranslation(["tasks", "common"]);
  const say = useErrorText();
  const apply = useApply(task.id);
  const kept = `application.${task.id}`;
  const [key, setKey] = useState(idempotencyKey);
  const form = useForm<Application>({
    resolver: zodResolver(schema),
    defaultValues: {
      proposal: "",
      offered_price: String(Number(task.budget)),
      estimated_time: "",
      cover_letter: "",
      ...draft(kept),
    },
  });
  const { errors } = form.formState;
  const values = useWatch({ control: form.control });
  useEffect(() => store(kept, JSON.stringify(values)), [kept, values]);
  const told = useTold();
  const send = useSubmit(
    form.handleSubmit(async (body) => {
      try {
        await apply.mutateAsync({ ...body, key });
        store(kept, null);
        toast.success(t("apply.sent"));
        onDone();
      } catch (error) {
        // After an answer the next request is another one. After none it may be there already: the key finds it.
        if (toApiError(error).status > 0) setKey(idempotencyKey());
        putServerErrors(error, NAMES, form.setError);
      }
    }),
  );
  return (
    <form onSubmit={send} noValidate className="flex flex-col gap-4">
      {apply.error && <Notice tone="bad">{say(apply.error, NAMES)}</Notice>}
      <Field
        label={t("apply.proposal")}
        hint={t("apply.proposalHint")}
        error={told(errors.proposal)}
        required
      >
        <Textarea {...form.register("proposal")} rows={5} maxLength={5000} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("apply.price")} error={told(errors.offered_price)} required>
          <Input {...form.register("offered_price")} inputMode="decimal" dir="ltr" className="text-start" />
        </Field>
        <Field
          label={t("apply.time")}
          hint={t("apply.timeHint")}
          error={told(errors.estimated_time)}
          required
        >
          <Input {...form.register("estimated_time")} maxLength={100} />
        </Field>
      </div>
      <Field label={t("apply.letter")} error={told(errors.cover_letter)} optional>
        <Textarea {...form.register("cover_letter")} rows={4} maxLength={10_000} />
      </Field>
      <Button type="submit" busy={apply.isPending} className="self-start">
        {t("apply.submit")}
      </Button>
    </form>
  );
}

/** What was typed before, as unfinished as it was. */
function draft(key: string): Partial<Application> {
  try {
    const found = JSON.parse(stored(key) ?? "{}") as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(found).filter(([name, value]) => name in schema.shape && typeof value === "string"),
    );
  } catch {
    return {};
  }
}
