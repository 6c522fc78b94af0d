import { CircleHelp } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/types";
import { Button, Popover } from "@/components/ui";
import { cn } from "@/lib/cn";
import { number } from "@/lib/format";

/** The percentage taken apart: what adds to it and what takes from it. */
export function WhyThis({ why, reasons }: { why: readonly Schemas["Why"][]; reasons: readonly string[] }) {
  const { t } = useTranslation("cards");
  const most = Math.max(1, ...why.map((part) => Math.abs(part.points)));
  return (
    <Popover
      title={t("why")}
      trigger={
        <Button look="quiet" size="sm" icon={<CircleHelp aria-hidden className="size-4" />}>
          {t("why")}
        </Button>
      }
    >
      <ul className="mb-3 list-disc ps-5">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <ul className="flex flex-col gap-2">
        {why.map((part) => (
          <li key={part.part} className="grid grid-cols-[1fr_auto] items-center gap-x-3 text-sm">
            <span>{part.name}</span>
            <bdi dir="ltr" className="font-semibold tabular-nums">
              {part.points > 0 ? "+" : ""}
              {number(Math.round(part.points * 10) / 10)}
            </bdi>
            <span className="col-span-2 h-1.5 overflow-hidden rounded-full bg-line">
              <span
                className={cn("block h-full rounded-full", part.points >= 0 ? "bg-brand" : "bg-bad")}
                style={{ inlineSize: `${(Math.abs(part.points) / most) * 100}%` }}
              />
            </span>
          </li>
        ))}
      </ul>
    </Popover>
  );
}
