import { useQuery } from "@tanstack/react-query";
import { Columns2, MessageCircle, Star, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { toast } from "sonner";

import { fullName, taskQuery } from "@/api/tasks";
import { Page } from "@/components/layout/Shell";
import { PersonLine } from "@/components/people/PersonLine";
import {
  Button,
  Card,
  Checkbox,
  ConfirmDialog,
  EmptyState,
  Field,
  IconButton,
  LinkButton,
  LoadError,
  Money,
  Notice,
  PageHeader,
  Rating,
  Said,
  SkeletonList,
  TextLink,
  Textarea,
  Time,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { faultOf } from "@/lib/useTold";

import { openConversation, useDecide, useTaskApplications, type Application } from "../api/applications";
import { ApplicationBadge } from "../components/ApplicationBadge";

type Ask = { application: Application; status: "ACCEPTED" | "REJECTED" } | null;

/** Everybody who applied to one's task: looked at one by one, or side by side. */
export default function TaskApplicationsPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("applications");
  const task = useQuery(taskQuery(id));
  const found = useTaskApplications(id);
  const [marked, setMarked] = useState<number[]>(() =>
    (stored(`shortlist.${id}`) ?? "").split(",").filter(Boolean).map(Number),
  );
  const [compared, setCompared] = useState<number[]>([]);
  const [asking, setAsking] = useState<Ask>(null);
  usePageTitle(t("task.title"));

  const mark = (application: number) => {
    const next = marked.includes(application)
      ? marked.filter((one) => one !== application)
      : [...marked, application];
    store(`shortlist.${id}`, next.join(","));
    setMarked(next);
  };
  const rows = (found.data?.results ?? [])
    .filter((one) => one.status !== "WITHDRAWN")
    .sort((a, b) => Number(marked.includes(b.id)) - Number(marked.includes(a.id)));
  const side = rows.filter((one) => compared.includes(one.id));
  return (
    <Page>
      <PageHeader title={t("task.title")}>
        {task.data && (
          <TextLink to={paths.task(id)}>
            <Said>{task.data.title}</Said>
          </TextLink>
        )}
      </PageHeader>
      {found.isPending && <SkeletonList />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data && rows.length === 0 && (
        <EmptyState
          icon={Users}
          title={t("task.none")}
          action={<LinkButton to={paths.freelancers({ task: id })}>{t("task.suited")}</LinkButton>}
        >
          {t("task.noneWhy")}
        </EmptyState>
      )}
      {side.length > 1 && <Comparison rows={side} onAsk={setAsking} />}
      <ul className="flex flex-col gap-3">
        {rows.map((application) => (
          <li key={application.id}>
            <Card className={cn("flex flex-col gap-3", marked.includes(application.id) && "border-brand")}>
              <div className="flex flex-wrap items-start justify-between gap-3">
                <PersonLine user={application.freelancer} />
                <div className="flex items-center gap-1">
                  <ApplicationBadge status={application.status} />
                  <IconButton
                    label={t(marked.includes(application.id) ? "task.unmark" : "task.mark")}
                    aria-pressed={marked.includes(application.id)}
                    onClick={() => mark(application.id)}
                  >
                    <Star
                      aria-hidden
                      className={cn("size-5", marked.includes(application.id) && "fill-star text-star")}
                    />
                  </IconButton>
                </div>
              </div>
              <p>
                <Money amount={application.offered_price} className="text-xl font-bold" />
                {application.estimated_time && (
                  <>
                    {" "}
                    · <Said>{application.estimated_time}</Said>
                  </>
                )}{" "}
                · <Time iso={application.created_at} className="text-ink-soft" />
              </p>
              <p dir="auto" className="whitespace-pre-line">
                {application.proposal}
              </p>
              {application.cover_letter && (
                <details>
                  <summary className="cursor-pointer font-medium text-brand">{t("letter")}</summary>
                  <p dir="auto" className="mt-2 whitespace-pre-line">
                    {application.cover_letter}
                  </p>
                </details>
              )}
              <div className="flex flex-wrap items-center gap-2">
                {application.status === "PENDING" && (
                  <>
                    <Button onClick={() => setAsking({ application, status: "ACCEPTED" })}>
                      {t("accept.button")}
                    </Button>
                    <Button look="secondary" onClick={() => setAsking({ application, status: "REJECTED" })}>
                      {t("reject.button")}
                    </Button>
                  </>
                )}
                <Talk application={application} />
                <Checkbox
                  label={
                    <span className="inline-flex items-center gap-1">
                      <Columns2 aria-hidden className="size-4" />
                      {t("compare.choose")}
                    </span>
                  }
                  checked={compared.includes(application.id)}
                  onChange={() =>
                    setCompared((now) =>
                      now.includes(application.id)
                        ? now.filter((one) => one !== application.id)
                        : [...now, application.id].slice(-4),
                    )
                  }
                />
              </div>
            </Card>
          </li>
        ))}
      </ul>
      {asking && (
        <Decision
          ask={asking}
          onClose={() => setAsking(null)}
          others={rows.filter((one) => one.status === "PENDING" && one.id !== asking.application.id).length}
        />
      )}
    </Page>
  );
}

function Talk({ application }: { application: Application }) {
  const { t } = useTranslation("applications");
  const navigate = useNavigate();
  const say = useErrorText();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    try {
      const found = await openConversation(application.freelancer.id, application.task.id);
      await navigate(paths.conversation(found.id));
    } catch (error) {
      toast.error(say(error));
      setBusy(false);
    }
  };
  return (
    <Button
      look="secondary"
      busy={busy}
      icon={<MessageCircle aria-hidden className="size-5" />}
      onClick={() => void open()}
    >
      {t("talk")}
    </Button>
  );
}

function Decision({ ask, others, onClose }: { ask: NonNullable<Ask>; others: number; onClose: () => void }) {
  const { t } = useTranslation("applications");
  const say = useErrorText();
  const decide = useDecide();
  const [reason, setReason] = useState("");
  const accept = ask.status === "ACCEPTED";
  const name = fullName(ask.application.freelancer);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      danger={!accept}
      title={t(accept ? "accept.title" : "reject.title", { name })}
      description={accept ? t("accept.why", { count: others }) : t("reject.why")}
      confirm={t(accept ? "accept.button" : "reject.button")}
      onConfirm={async () => {
        await decide.mutateAsync({
          id: ask.application.id,
          status: ask.status,
          ...(accept ? {} : { reason: reason.trim() }),
        });
        toast.success(t(accept ? "accept.done" : "reject.done", { name }));
      }}
    >
      <div className="flex flex-col gap-3">
        {decide.error && <Notice tone="bad">{say(decide.error, accept ? [] : ["reason"])}</Notice>}
        {!accept && (
          <Field
            label={t("reject.reason")}
            hint={t("reject.reasonHint")}
            error={faultOf(decide.error, "reason")}
            optional
          >
            <Textarea
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              rows={3}
              maxLength={500}
            />
          </Field>
        )}
      </div>
    </ConfirmDialog>
  );
}

function Comparison({ rows, onAsk }: { rows: Application[]; onAsk: (ask: Ask) => void }) {
  const { t } = useTranslation("applications");
  const lines: [string, (one: Application) => React.ReactNode][] = [
    [t("price"), (one) => <Money amount={one.offered_price} className="font-bold" />],
    [t("time"), (one) => <Said>{one.estimated_time || "—"}</Said>],
    [
      t("rating"),
      (one) => <Rating value={one.freelancer.average_rating} count={one.freelancer.total_reviews} />,
    ],
    [
      t("proposal"),
      (one) => (
        <p dir="auto" className="line-clamp-6 whitespace-pre-line">
          {one.proposal}
        </p>
      ),
    ],
  ];
  return (
    <Card className="mb-5 overflow-x-auto" aria-label={t("compare.title")}>
      <table className="w-full min-w-[36rem] table-fixed text-start">
        <caption className="mb-2 text-start text-lg font-bold">{t("compare.title")}</caption>
        <thead>
          <tr>
            <th scope="col" className="w-28">
              <span className="sr-only">{t("compare.what")}</span>
            </th>
            {rows.map((one) => (
              <th key={one.id} scope="col" className="p-2 text-start align-bottom">
                <TextLink to={paths.user(one.freelancer.id)}>
                  <Said>{fullName(one.freelancer)}</Said>
                </TextLink>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(([name, show]) => (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="p-2 text-start align-top font-medium text-ink-soft">
                {name}
              </th>
              {rows.map((one) => (
                <td key={one.id} className="p-2 align-top">
                  {show(one)}
                </td>
              ))}
            </tr>
          ))}
          <tr className="border-t border-line">
            <td />
            {rows.map((one) => (
              <td key={one.id} className="p-2">
                {one.status === "PENDING" && (
                  <Button size="sm" onClick={() => onAsk({ application: one, status: "ACCEPTED" })}>
                    {t("accept.button")}
                  </Button>
                )}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Card>
  );
}
