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
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { putServerErrors } from "@/lib/useServerErrors";

import { useApply } from "../api/actions";

const schema = z.object({
  proposal: z.string().trim().min(1, "common:form.required").max(5000),
  offered_price: z
    .string()
    .trim()
    .regex(/^\d+(\.\d{1,2})?$/, "tasks:apply.priceRule"),
  estimated_time: z.string().trim().min(1, "common:form.required").max(100),
  cover_letter: z.string().max(10_000),
});
type Application = z.infer<typeof schema>;

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
  const told = (message: string | undefined) => (message ? t(message) : undefined);
  const send = form.handleSubmit(async (body) => {
    try {
      await apply.mutateAsync({ ...body, key });
      store(kept, null);
      toast.success(t("apply.sent"));
      onDone();
    } catch (error) {
      // After an answer the next request is another one. After none it may be there already: the key finds it.
      if (toApiError(error).status > 0) setKey(idempotencyKey());
      putServerErrors(error, ["proposal", "offered_price", "estimated_time", "cover_letter"], form.setError);
    }
  });
  return (
    <form onSubmit={(event) => void send(event)} noValidate className="flex flex-col gap-4">
      {apply.error && <Notice tone="bad">{say(apply.error)}</Notice>}
      <Field
        label={t("apply.proposal")}
        hint={t("apply.proposalHint")}
        error={told(errors.proposal?.message)}
        required
      >
        <Textarea {...form.register("proposal")} rows={5} maxLength={5000} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("apply.price")} error={told(errors.offered_price?.message)} required>
          <Input {...form.register("offered_price")} inputMode="decimal" dir="ltr" className="text-start" />
        </Field>
        <Field
          label={t("apply.time")}
          hint={t("apply.timeHint")}
          error={told(errors.estimated_time?.message)}
          required
        >
          <Input {...form.register("estimated_time")} maxLength={100} />
        </Field>
      </div>
      <Field label={t("apply.letter")} error={told(errors.cover_letter?.message)} optional>
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
