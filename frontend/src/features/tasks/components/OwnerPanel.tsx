import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { toast } from "sonner";

import type { Task } from "@/api/tasks";
import { Button, Card, ConfirmDialog, Field, LinkButton, Notice, Textarea } from "@/components/ui";
import { paths } from "@/config/paths";
import { useErrorText } from "@/lib/useErrorText";
import { faultOf } from "@/lib/useTold";

import { useAskChanges, useCancel, useComplete, useDelete } from "../api/actions";

/** What the owner can do with a task, by its state. */
export function OwnerPanel({ task }: { task: Task }) {
  const { t } = useTranslation(["tasks", "common"]);
  const say = useErrorText();
  const navigate = useNavigate();
  const complete = useComplete(task.id);
  const cancel = useCancel(task.id);
  const changes = useAskChanges(task.id);
  const drop = useDelete(task.id);
  const [asking, setAsking] = useState<"cancel" | "changes" | "complete" | "delete" | null>(null);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const failed = {
    cancel: cancel.error,
    changes: changes.error,
    complete: complete.error,
    delete: drop.error,
  };
  // What was refused the last time says nothing about this time.
  const ask = (what: typeof asking) => {
    for (const one of [cancel, changes, complete, drop]) one.reset();
    setMissing(false);
    setAsking(what);
  };
  const close = (open: boolean) => {
    if (!open) setAsking(null);
  };
  const act = async () => {
    if (asking === "changes" && !reason.trim()) {
      setMissing(true);
      return false;
    }
    if (asking === "cancel") await cancel.mutateAsync(reason.trim());
    if (asking === "changes") await changes.mutateAsync(reason.trim());
    if (asking === "complete") await complete.mutateAsync(undefined);
    if (asking === "delete") {
      await drop.mutateAsync(undefined);
      await navigate(paths.myTasks);
    }
    if (asking) toast.success(t(`done.${asking}`));
    setReason("");
    return true;
  };
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="text-lg font-bold">{t("owner.title")}</h2>
      {task.status === "OPEN" && (
        <>
          {task.listing_type === "task_request" && (
            <>
              <LinkButton to={paths.taskApplications(task.id)}>
                {t("owner.applications", { count: task.applications_count })}
              </LinkButton>
              <LinkButton look="secondary" to={paths.freelancers({ task: String(task.id) })}>
                {t("owner.suited")}
              </LinkButton>
            </>
          )}
          <LinkButton look="secondary" to={paths.taskEdit(task.id)}>
            {t("common:action.edit")}
          </LinkButton>
          <Button look="danger" onClick={() => ask(task.applications_count ? "cancel" : "delete")}>
            {t(task.applications_count ? "owner.cancel" : "common:action.delete")}
          </Button>
        </>
      )}
      {task.status === "IN_PROGRESS" && (
        <>
          {task.delivered_at && <Notice tone="good">{t("owner.delivered")}</Notice>}
          <Button onClick={() => ask("complete")}>{t("owner.complete")}</Button>
          {task.delivered_at && (
            <Button look="secondary" onClick={() => ask("changes")}>
              {t("owner.changes")}
            </Button>
          )}
          <Button look="danger" onClick={() => ask("cancel")}>
            {t("owner.cancel")}
          </Button>
        </>
      )}
      {(task.status === "COMPLETED" || task.status === "CANCELLED") && (
        <p className="text-ink-soft">{t(`owner.${task.status}`)}</p>
      )}
      <ConfirmDialog
        open={asking !== null}
        onOpenChange={close}
        danger={asking === "cancel" || asking === "delete"}
        title={asking ? t(`ask.${asking}`) : ""}
        description={asking ? t(`ask.${asking}Why`) : ""}
        confirm={asking ? t(`ask.${asking}Yes`) : ""}
        onConfirm={act}
      >
        <div className="flex flex-col gap-3">
          {asking && failed[asking] && <Notice tone="bad">{say(failed[asking], ["reason"])}</Notice>}
          {(asking === "cancel" || asking === "changes") && (
            <Field
              label={t(asking === "cancel" ? "ask.reason" : "ask.what")}
              optional={asking === "cancel"}
              required={asking === "changes"}
              error={missing ? t("common:form.required") : faultOf(failed[asking], "reason")}
            >
              <Textarea
                value={reason}
                onChange={(event) => {
                  setReason(event.target.value);
                  setMissing(false);
                }}
                maxLength={500}
                rows={3}
              />
            </Field>
          )}
        </div>
      </ConfirmDialog>
    </Card>
  );
}
