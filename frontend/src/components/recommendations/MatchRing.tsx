import { useTranslation } from "react-i18next";

import { percent } from "@/lib/format";

/** How well a task suits, as a ring with the figure inside. */
export function MatchRing({ value }: { value: number }) {
  const { t } = useTranslation("cards");
  // Nothing is known yet of who has said nothing about themselves: that is no measure of the task.
  if (value <= 0) return null;
  const round = 2 * Math.PI * 20;
  return (
    <span
      role="img"
      aria-label={t("match", { percent: percent(value) })}
      className="relative inline-flex size-14 shrink-0 items-center justify-center"
    >
      <svg aria-hidden viewBox="0 0 48 48" className="absolute inset-0 -rotate-90">
        <circle cx="24" cy="24" r="20" fill="none" strokeWidth="5" className="stroke-line" />
        <circle
          cx="24"
          cy="24"
          r="20"
          fill="none"
          strokeWidth="5"
          strokeLinecap="round"
          className="stroke-brand"
          strokeDasharray={`${(round * value) / 100} ${round}`}
        />
      </svg>
      <span aria-hidden className="text-sm font-bold">
        {percent(value)}
      </span>
    </span>
  );
}
