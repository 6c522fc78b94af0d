import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui";

/** Back and on. Without `onNext` it is the form around it that goes on. */
export function Buttons({
  onNext,
  onBack,
  busy = false,
  last = false,
}: {
  onNext?: () => void;
  onBack: (() => void) | undefined;
  busy?: boolean;
  last?: boolean;
}) {
  const { t } = useTranslation(["onboarding", "common"]);
  return (
    <div className="mt-6 flex flex-wrap justify-between gap-2">
      {onBack ? (
        <Button look="secondary" onClick={onBack}>
          {t("common:action.back")}
        </Button>
      ) : (
        <span />
      )}
      <Button type={onNext ? "button" : "submit"} onClick={onNext} busy={busy}>
        {t(last ? "finish" : "common:action.next")}
      </Button>
    </div>
  );
}
