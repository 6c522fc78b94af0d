import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { Page } from "@/components/layout/Shell";
import { LinkButton, PageHeader } from "@/components/ui";
import { paths } from "@/config/paths";
import { mayApply, mayPost, useSession } from "@/lib/session";
import { usePageTitle } from "@/lib/usePageTitle";
import { StatusLinks } from "@/components/lists/StatusLinks";

import { OwnList } from "../components/OwnList";

export default function MyTasksPage() {
  const { t } = useTranslation(["tasks", "cards", "common"]);
  const [params] = useSearchParams();
  const user = useSession((session) => session.user);
  const assigned = params.get("view") === "assigned" || !mayPost(user);
  const status = params.get("status") ?? "";
  const page = params.get("page") ?? undefined;
  usePageTitle(t("mine.title"));
  return (
    <Page>
      <PageHeader
        title={t("mine.title")}
        action={
          mayPost(user) && (
            <LinkButton to={paths.taskNew()} icon={<Plus aria-hidden className="size-5" />}>
              {t("common:nav.post")}
            </LinkButton>
          )
        }
      />
      {mayPost(user) && mayApply(user) && (
        <StatusLinks
          label={t("mine.whose")}
          name="view"
          values={[
            { value: "", label: t("mine.posted") },
            { value: "assigned", label: t("mine.assigned") },
          ]}
        />
      )}
      <StatusLinks
        label={t("mine.status")}
        name="status"
        values={["", "OPEN", "IN_PROGRESS", "COMPLETED", "CANCELLED"].map((value) => ({
          value,
          label: value ? t(`cards:status.${value}`) : t("filter.all"),
        }))}
      />
      {assigned ? (
        <OwnList
          of="assigned"
          params={{ status: status || undefined, page }}
          empty={t("mine.noneAssigned")}
          why={t("mine.noneAssignedWhy")}
          action={<LinkButton to={paths.tasks()}>{t("common:nav.tasks")}</LinkButton>}
        />
      ) : (
        <OwnList
          of="mine"
          params={{ status: status || undefined, listing_type: "task_request", page }}
          empty={t("mine.none")}
          why={t("mine.noneWhy")}
          action={<LinkButton to={paths.taskNew()}>{t("common:nav.post")}</LinkButton>}
        />
      )}
    </Page>
  );
}
