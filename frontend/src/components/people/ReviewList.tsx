import { Star } from "lucide-react";
import { useTranslation } from "react-i18next";

import { fullName } from "@/api/tasks";
import type { Schemas } from "@/api/types";
import { Avatar, Said, Time } from "@/components/ui";
import { cn } from "@/lib/cn";
import { number } from "@/lib/format";

export function Stars({ value, className }: { value: number; className?: string }) {
  const { t } = useTranslation("cards");
  return (
    <span className={cn("inline-flex", className)} role="img" aria-label={t("stars", { count: value })}>
      {[1, 2, 3, 4, 5].map((star) => (
        <Star
          key={star}
          aria-hidden
          className={cn("size-4", star <= value ? "fill-star text-star" : "text-line-strong")}
        />
      ))}
    </span>
  );
}

/** Reviews as anybody sees them. */
export function ReviewList({ reviews }: { reviews: readonly Schemas["Review"][] }) {
  const { t } = useTranslation("cards");
  return (
    <ul className="flex flex-col gap-4">
      {reviews.map((review) => (
        <li key={review.id} className="flex gap-3 border-b border-line pb-4 last:border-0">
          <Avatar name={fullName(review.reviewer)} src={review.reviewer.profile_picture} size="sm" />
          <div className="min-w-0 flex-1">
            <p className="flex flex-wrap items-center gap-x-2">
              <Said className="font-semibold">{fullName(review.reviewer)}</Said>
              <Stars value={review.rating} />
              <Time iso={review.created_at} className="text-sm text-ink-soft" />
            </p>
            {review.comment && (
              <p dir="auto" className="mt-1 whitespace-pre-line">
                {review.comment}
              </p>
            )}
            <dl className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-soft">
              {(["communication_rating", "quality_rating", "professionalism_rating"] as const).map((part) => {
                const value = review[part];
                return value ? (
                  <div key={part} className="flex gap-1">
                    <dt>{t(part)}</dt>
                    <dd>{number(value)}</dd>
                  </div>
                ) : null;
              })}
            </dl>
            {review.reply && (
              <blockquote className="mt-2 border-s-2 border-brand ps-3">
                <span className="text-sm text-ink-soft">
                  {t("replyOf")} <Said>{fullName(review.reviewee)}</Said>
                </span>
                <p dir="auto" className="whitespace-pre-line">
                  {review.reply}
                </p>
              </blockquote>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
