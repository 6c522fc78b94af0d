import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/types";
import { Badge } from "@/components/ui";

const TONES = { OPEN: "good", IN_PROGRESS: "accent", COMPLETED: "brand", CANCELLED: "plain" } as const;

export function StatusBadge({ status }: { status: Schemas["TaskStatusEnum"] }) {
  const { t } = useTranslation("cards");
  return <Badge tone={TONES[status]}>{t(`status.${status}`)}</Badge>;
}
