import { zodResolver } from "@hookform/resolvers/zod";
import { FileText, Pencil, Undo2 } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { toast } from "sonner";

import { Page } from "@/components/layout/Shell";
import { StatusLinks } from "@/components/lists/StatusLinks";
import {
  Button,
  Card,
  ConfirmDialog,
  Dialog,
  EmptyState,
  Field,
  Input,
  LinkButton,
  LoadError,
  Money,
  Notice,
  PageHeader,
  Pager,
  Said,
  SkeletonList,
  Textarea,
  Time,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import {
  changeSchema,
  useChangeApplication,
  useMyApplications,
  useWithdraw,
  type Application,
  type Change,
} from "../api/applications";
import { ApplicationBadge } from "../components/ApplicationBadge";

const NAMES = ["proposal", "offered_price", "estimated_time"] as const;
const FORM = "change-application";

export default function MyApplicationsPage() {
  const { t } = useTranslation(["applications", "common"]);
  const [params] = useSearchParams();
  const found = useMyApplications({
    status: params.get("status") ?? undefined,
    page: params.get("page") ?? undefined,
  });
  usePageTitle(t("mine.title"));
  return (
    <Page>
      <PageHeader title={t("mine.title")}>{t("mine.why")}</PageHeader>
      <StatusLinks
        label={t("mine.status")}
        name="status"
        values={["", "PENDING", "ACCEPTED", "REJECTED", "WITHDRAWN"].map((value) => ({
          value,
          label: value ? t(`status.${value}`) : t("all"),
        }))}
      />
      {found.isPending && <SkeletonList />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data?.results.length === 0 && (
        <EmptyState
          icon={FileText}
          title={t("mine.none")}
          action={<LinkButton to={paths.recommendations}>{t("common:nav.forYou")}</LinkButton>}
        >
          {t("mine.noneWhy")}
        </EmptyState>
      )}
      <ul className="flex flex-col gap-3">
        {found.data?.results.map((application) => (
          <li key={application.id}>
            <Mine application={application} />
          </li>
        ))}
      </ul>
      {found.data && <Pager count={found.data.count} />}
    </Page>
  );
}

function Mine({ application }: { application: Application }) {
  const { t } = useTranslation(["applications", "common"]);
  const say = useErrorText();
  const withdraw = useWithdraw();
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);
  return (
    <Card className="flex flex-col gap-2">
      <div className="flex items-start justify-between gap-2">
        <h2 className="min-w-0 text-lg leading-snug font-bold">
          <Link to={paths.task(application.task.id)} className="hover:underline hover:underline-offset-4">
            <Said>{application.task.title}</Said>
          </Link>
        </h2>
        <ApplicationBadge status={application.status} />
      </div>
      <p className="text-ink-soft">
        {t("yourPrice")} <Money amount={application.offered_price} className="font-semibold text-ink" /> ·{" "}
        {t("budget")} <Money amount={application.task.budget} />
        {application.estimated_time && (
          <>
            {" "}
            · <Said>{application.estimated_time}</Said>
          </>
        )}{" "}
        · <Time iso={application.created_at} />
      </p>
      <p dir="auto" className="line-clamp-3 whitespace-pre-line">
        {application.proposal}
      </p>
      {application.rejection_reason && (
        <Notice>
          {t("reasonGiven")} <Said>{application.rejection_reason}</Said>
        </Notice>
      )}
      {application.status === "PENDING" && (
        <div className="flex flex-wrap gap-2">
          <Button
            look="secondary"
            size="sm"
            icon={<Pencil aria-hidden className="size-4" />}
            onClick={() => setEditing(true)}
          >
            {t("common:action.edit")}
          </Button>
          <Button
            look="danger"
            size="sm"
            icon={<Undo2 aria-hidden className="turn size-4" />}
            onClick={() => setAsking(true)}
          >
            {t("withdraw.button")}
          </Button>
        </div>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        danger
        title={t("withdraw.title")}
        description={t("withdraw.why")}
        confirm={t("withdraw.button")}
        onConfirm={async () => {
          await withdraw.mutateAsync(application.id);
          toast.success(t("withdraw.done"));
        }}
      >
        {withdraw.error && <Notice tone="bad">{say(withdraw.error)}</Notice>}
      </ConfirmDialog>
      {editing && <EditDialog application={application} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function EditDialog({ application, onClose }: { application: Application; onClose: () => void }) {
  const { t } = useTranslation(["applications", "tasks", "common"]);
  const say = useErrorText();
  const change = useChangeApplication();
  const told = useTold();
  const form = useForm<Change>({
    resolver: zodResolver(changeSchema),
    defaultValues: {
      proposal: application.proposal,
      offered_price: String(Number(application.offered_price)),
      estimated_time: application.estimated_time,
    },
  });
  const { errors } = form.formState;
  const send = useSubmit(
    form.handleSubmit(async (values) => {
      try {
        await change.mutateAsync({ id: application.id, ...values });
        onClose();
      } catch (error) {
        putServerErrors(error, NAMES, form.setError);
      }
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("edit.title")}
      footer={
        <Button type="submit" form={FORM} busy={change.isPending}>
          {t("common:action.save")}
        </Button>
      }
    >
      <form id={FORM} onSubmit={send} noValidate className="flex flex-col gap-4">
        {change.error && <Notice tone="bad">{say(change.error, NAMES)}</Notice>}
        <Field label={t("tasks:apply.proposal")} error={told(errors.proposal)} required>
          <Textarea {...form.register("proposal")} maxLength={5000} rows={6} />
        </Field>
        <Field label={t("tasks:apply.price")} error={told(errors.offered_price)} required>
          <Input {...form.register("offered_price")} inputMode="decimal" dir="ltr" className="text-start" />
        </Field>
        <Field label={t("tasks:apply.time")} error={told(errors.estimated_time)} required>
          <Input {...form.register("estimated_time")} maxLength={100} />
        </Field>
      </form>
    </Dialog>
  );
}
