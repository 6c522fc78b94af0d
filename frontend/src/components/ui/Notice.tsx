import { CircleAlert, CircleCheck, Info } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { cn } from "@/lib/cn";
import { useErrorText } from "@/lib/useErrorText";

import { Button } from "./Button";

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
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  );
}

/** What failed to load, why, and a way to try again. */
export function LoadError({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("common");
  const say = useErrorText();
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
