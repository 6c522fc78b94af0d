import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { Page } from "@/components/layout/Shell";
import { LinkButton, PageHeader } from "@/components/ui";
import { paths } from "@/config/paths";
import { mayApply, useSession } from "@/lib/session";
import { usePageTitle } from "@/lib/usePageTitle";

import { OwnList } from "../components/OwnList";

export default function ServicesPage() {
  const { t } = useTranslation(["tasks", "common"]);
  const page = useSearchParams()[0].get("page") ?? undefined;
  const user = useSession((session) => session.user);
  usePageTitle(t("services.title"));
  const add = mayApply(user) ? (
    <LinkButton to={paths.taskNew("service_offer")} icon={<Plus aria-hidden className="size-5" />}>
      {t("new.offer")}
    </LinkButton>
  ) : undefined;
  return (
    <Page>
      <PageHeader title={t("services.title")} action={add}>
        {t("services.why")}
      </PageHeader>
      <OwnList
        of="mine"
        params={{ listing_type: "service_offer", page }}
        empty={t("services.none")}
        why={t("services.noneWhy")}
        action={add}
      />
    </Page>
  );
}
