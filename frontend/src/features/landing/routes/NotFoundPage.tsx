import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Page } from "@/components/layout/Shell";
import { EmptyState, LinkButton } from "@/components/ui";
import { paths } from "@/config/paths";
import { usePageTitle } from "@/lib/usePageTitle";

export default function NotFoundPage() {
  const { t } = useTranslation("common");
  usePageTitle(t("page.missing"));
  return (
    <Page narrow>
      <h1 className="sr-only">{t("page.missing")}</h1>
      <EmptyState
        icon={Compass}
        title={t("page.missing")}
        action={<LinkButton to={paths.home}>{t("action.home")}</LinkButton>}
      >
        {t("page.missingWhy")}
      </EmptyState>
    </Page>
  );
}
