import { Compass, ServerCrash } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, useRouteError } from "react-router";

import { toApiError } from "@/api/errors";
import { Button, EmptyState, LinkButton } from "@/components/ui";
import { paths } from "@/config/paths";

/** A page that could not be shown: its code did not arrive, or it broke. */
export function RouteError() {
  const { t } = useTranslation("common");
  const error = useRouteError();
  const missing = (isRouteErrorResponse(error) && error.status === 404) || toApiError(error).status === 404;
  return (
    <div className="mx-auto w-full max-w-2xl p-6" role="alert">
      <EmptyState
        icon={missing ? Compass : ServerCrash}
        title={t(missing ? "page.missing" : "page.broken")}
        action={
          <div className="flex flex-wrap justify-center gap-2">
            {!missing && <Button onClick={() => location.reload()}>{t("action.reload")}</Button>}
            <LinkButton look="secondary" to={paths.home}>
              {t("action.home")}
            </LinkButton>
          </div>
        }
      >
        {t(missing ? "page.missingWhy" : "page.brokenWhy")}
      </EmptyState>
    </div>
  );
}
