import { FileText, Pencil, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { toast } from "sonner";

import { toApiError } from "@/api/errors";
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

import { useChangeApplication, useMyApplications, useWithdraw, type Application } from "../api/applications";
import { ApplicationBadge } from "../components/ApplicationBadge";

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
      <div className="flex flex-wrap items-start justify-between gap-2">
        <h2 className="text-lg font-bold">
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
  const [proposal, setProposal] = useState(application.proposal);
  const [price, setPrice] = useState(String(Number(application.offered_price)));
  const [time, setTime] = useState(application.estimated_time);
  const wrong = toApiError(change.error).fields;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("edit.title")}
      footer={
        <Button
          busy={change.isPending}
          onClick={() =>
            change.mutate(
              { id: application.id, proposal, offered_price: price, estimated_time: time },
              { onSuccess: onClose },
            )
          }
        >
          {t("common:action.save")}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        {change.error && <Notice tone="bad">{say(change.error)}</Notice>}
        <Field label={t("tasks:apply.proposal")} error={wrong.proposal?.join(" ")} required>
          <Textarea
            value={proposal}
            onChange={(event) => setProposal(event.target.value)}
            maxLength={5000}
            rows={6}
          />
        </Field>
        <Field label={t("tasks:apply.price")} error={wrong.offered_price?.join(" ")} required>
          <Input
            value={price}
            onChange={(event) => setPrice(event.target.value)}
            inputMode="decimal"
            dir="ltr"
            className="text-start"
          />
        </Field>
        <Field label={t("tasks:apply.time")} error={wrong.estimated_time?.join(" ")} required>
          <Input value={time} onChange={(event) => setTime(event.target.value)} maxLength={100} />
        </Field>
      </div>
    </Dialog>
  );
}
