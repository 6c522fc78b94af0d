import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { toast } from "sonner";

import { idempotencyKey } from "@/api/client";
import { toApiError } from "@/api/errors";
import { Page } from "@/components/layout/Shell";
import { Button, Notice, PageHeader } from "@/components/ui";
import { paths } from "@/config/paths";
import { mayApply, mayPost, useSession } from "@/lib/session";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";

import {
  addPicture,
  emptyTask,
  FIELDS,
  shownOf,
  taskSchema,
  useCreateTask,
  type TaskForm,
} from "../api/form";
import { Pictures } from "../components/Pictures";
import { TaskEditor } from "../components/TaskEditor";

function draftOf(key: string, listing: TaskForm["listing_type"]): TaskForm {
  const empty = emptyTask(listing);
  try {
    const found = JSON.parse(stored(key) ?? "{}") as Partial<TaskForm>;
    // Only shapes are checked here: a draft may be unfinished.
    const kept = Object.fromEntries(
      Object.entries(found).filter(
        ([name, value]) => name in taskSchema.shape && typeof value === typeof empty[name as keyof TaskForm],
      ),
    );
    return { ...empty, ...kept, listing_type: listing };
  } catch {
    return empty;
  }
}

export default function NewTaskPage() {
  const { t } = useTranslation(["tasks", "common"]);
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const say = useErrorText();
  const user = useSession((session) => session.user);
  const listing =
    params.get("listing") === "service_offer" || !mayPost(user) ? "service_offer" : "task_request";
  const kept = `draft.${listing}`;
  const [start, setStart] = useState(() => draftOf(kept, listing));
  const [round, setRound] = useState(0);
  const [key, setKey] = useState(idempotencyKey);
  const [files, setFiles] = useState<File[]>([]);
  const [sending, setSending] = useState(false);
  const create = useCreateTask();
  const isDuplicate = create.error && toApiError(create.error).code === "duplicate_task";
  const [twice, setTwice] = useState(false);
  usePageTitle(t(listing === "service_offer" ? "new.offer" : "new.task"));
  if (!user || (listing === "service_offer" && !mayApply(user))) return null;

  return (
    <Page narrow>
      <PageHeader
        title={t(listing === "service_offer" ? "new.offer" : "new.task")}
        action={
          stored(kept) && (
            <Button
              look="quiet"
              size="sm"
              onClick={() => {
                store(kept, null);
                setStart(emptyTask(listing));
                setRound(round + 1);
              }}
            >
              {t("new.startOver")}
            </Button>
          )
        }
      >
        {t(listing === "service_offer" ? "new.offerWhy" : "new.taskWhy")}
      </PageHeader>
      <TaskEditor
        key={`${listing}${round}`}
        start={start}
        keep={kept}
        busy={create.isPending || sending}
        submit={t(twice ? "new.twice" : "new.submit")}
        error={
          create.error && <Notice tone="bad">{say(create.error, shownOf(create.variables?.form))}</Notice>
        }
        onSubmit={async (form, tools) => {
          try {
            const task = await create.mutateAsync({ form, key, twice });
            setSending(true);
            let lost = 0;
            for (const file of files) await addPicture(task.id, file).catch(() => (lost += 1));
            store(kept, null);
            toast.success(t("new.done"));
            if (lost) toast.error(t("pictures.lost", { count: lost }));
            await navigate(paths.task(task.id), { replace: true });
          } catch (error) {
            if (toApiError(error).code === "duplicate_task") setTwice(true);
            // After an answer the next request is another one. After none it may be there already: the key finds it.
            if (toApiError(error).status > 0) setKey(idempotencyKey());
            putServerErrors(error, FIELDS, tools.setError);
          } finally {
            setSending(false);
          }
        }}
      >
        <Pictures files={files} onFiles={setFiles} />
        {isDuplicate && <Notice>{t("new.duplicateWhy")}</Notice>}
      </TaskEditor>
    </Page>
  );
}
