import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/types";
import { Badge } from "@/components/ui";

const TONES = { PENDING: "accent", ACCEPTED: "good", REJECTED: "plain", WITHDRAWN: "plain" } as const;

export function ApplicationBadge({ status }: { status: Schemas["ApplicationStatusEnum"] }) {
  const { t } = useTranslation("applications");
  return (
    <Badge tone={TONES[status]} className="shrink-0">
      {t(`status.${status}`)}
    </Badge>
  );
}
