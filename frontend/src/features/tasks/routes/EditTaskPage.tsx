import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { toast } from "sonner";

import { taskQuery, type Task } from "@/api/tasks";
import { Page } from "@/components/layout/Shell";
import { LoadError, Notice, PageHeader, SkeletonList } from "@/components/ui";
import { paths } from "@/config/paths";
import { useSession } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";

import { addPicture, dropPicture, FIELDS, shownOf, useChangeTask, type TaskForm } from "../api/form";
import { Pictures } from "../components/Pictures";
import { TaskEditor } from "../components/TaskEditor";

/** A moment as the browser's own field for date and time takes it. */
function localMoment(iso: string | null): string {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const formOf = (task: Task): TaskForm => ({
  listing_type: task.listing_type,
  category: task.category.slug,
  title: task.title,
  description: task.description,
  budget: String(Number(task.budget)),
  is_negotiable: task.is_negotiable,
  task_type: task.task_type,
  is_remote: task.is_remote,
  city: task.city,
  location: task.location,
  deadline: localMoment(task.deadline),
  estimated_duration: task.estimated_duration,
  required_skills: task.required_skills.map((skill) => skill.id),
});

export default function EditTaskPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation(["tasks", "common"]);
  const user = useSession((session) => session.user);
  const task = useQuery({ ...taskQuery(id), staleTime: 0, refetchOnWindowFocus: false });
  usePageTitle(t("edit.title"));
  return (
    <Page narrow>
      <PageHeader title={t("edit.title")} />
      {task.isPending && <SkeletonList rows={3} />}
      {task.error && <LoadError error={task.error} retry={() => void task.refetch()} />}
      {task.data && task.data.client.id !== user?.id && <Notice tone="bad">{t("edit.notYours")}</Notice>}
      {task.data && task.data.client.id === user?.id && <Editor key={task.data.id} task={task.data} />}
    </Page>
  );
}

function Editor({ task }: { task: Task }) {
  const { t } = useTranslation(["tasks", "common"]);
  const navigate = useNavigate();
  const client = useQueryClient();
  const say = useErrorText();
  const change = useChangeTask(task.id);
  const [files, setFiles] = useState<File[]>([]);
  const removePicture = (picture: number) =>
    void dropPicture(task.id, picture).then(
      () => client.invalidateQueries({ queryKey: ["tasks"] }),
      (error: unknown) => toast.error(say(error)),
    );
  return (
    <TaskEditor
      start={formOf(task)}
      taskId={task.id}
      names={Object.fromEntries(task.required_skills.map((skill) => [skill.id, skill.name]))}
      busy={change.isPending}
      submit={t("common:action.save")}
      error={change.error && <Notice tone="bad">{say(change.error, shownOf(change.variables))}</Notice>}
      onSubmit={async (form, tools) => {
        try {
          await change.mutateAsync(form);
          let lost = 0;
          for (const file of files) await addPicture(task.id, file).catch(() => (lost += 1));
          if (lost) toast.error(t("pictures.lost", { count: lost }));
          await client.invalidateQueries({ queryKey: ["tasks"] });
          toast.success(t("common:form.saved"));
          await navigate(paths.task(task.id));
        } catch (error) {
          putServerErrors(error, FIELDS, tools.setError);
        }
      }}
    >
      <Pictures files={files} onFiles={setFiles} present={task.images} onRemove={removePicture} />
    </TaskEditor>
  );
}
