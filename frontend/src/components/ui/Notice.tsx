import { CircleAlert, CircleCheck, Compass, Info } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { toApiError } from "@/api/errors";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { useErrorText } from "@/lib/useErrorText";

import { EmptyState } from "./Bits";
import { Button, LinkButton } from "./Button";

const LOOKS = {
  info: { box: "bg-brand-soft text-ink", Icon: Info },
  good: { box: "bg-good-soft text-good", Icon: CircleCheck },
  bad: { box: "bg-bad-soft text-bad", Icon: CircleAlert },
};

/** A message in its place on the page. A failure is read out at once, anything else when there is a pause. */
export function Notice({
  tone = "info",
  children,
  action,
  className,
}: {
  tone?: keyof typeof LOOKS;
  children: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  const { box, Icon } = LOOKS[tone];
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={cn("flex flex-wrap items-center gap-3 rounded-xl px-4 py-3", box, className)}
    >
      <Icon aria-hidden className="size-5 shrink-0" />
      <div className="min-w-0 flex-1 basis-48">{children}</div>
      {action}
    </div>
  );
}

/** What failed to load, why, and a way to try again; for what is not there a way on. */
export function LoadError({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("common");
  const say = useErrorText();
  if (toApiError(error).status === 404) {
    return (
      <div role="alert">
        <EmptyState
          icon={Compass}
          title={t("page.missing")}
          action={
            <LinkButton look="secondary" to={paths.home}>
              {t("action.home")}
            </LinkButton>
          }
        >
          {t("page.missingWhy")}
        </EmptyState>
      </div>
    );
  }
  return (
    <Notice
      tone="bad"
      action={
        retry && (
          <Button look="secondary" size="sm" onClick={retry}>
            {t("action.retry")}
          </Button>
        )
      }
    >
      {say(error)}
    </Notice>
  );
}
