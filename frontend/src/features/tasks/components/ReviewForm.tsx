import { Star } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { Button, Field, Notice, Textarea } from "@/components/ui";
import { cn } from "@/lib/cn";
import { useErrorText } from "@/lib/useErrorText";
import { useSubmit } from "@/lib/useSubmit";
import { faultOf } from "@/lib/useTold";

import { useReview } from "../api/actions";

const PARTS = ["communication_rating", "quality_rating", "professionalism_rating"] as const;

/** Stars as a group of radio buttons: arrow keys choose, and each says how many. */
function StarChoice({
  name,
  legend,
  value,
  onChange,
}: {
  name: string;
  legend: string;
  value: number;
  onChange: (value: number) => void;
}) {
  const { t } = useTranslation("cards");
  return (
    <fieldset className="flex flex-wrap items-center justify-between gap-2">
      <legend className="float-start py-2">{legend}</legend>
      <span className="flex">
        {[1, 2, 3, 4, 5].map((stars) => (
          <label
            key={stars}
            className="flex size-11 cursor-pointer items-center justify-center rounded-lg has-focus-visible:outline-2 has-focus-visible:outline-brand"
          >
            <input
              type="radio"
              name={name}
              value={stars}
              checked={value === stars}
              onChange={() => onChange(stars)}
              className="sr-only"
              aria-label={t("stars", { count: stars })}
            />
            <Star
              aria-hidden
              className={cn("size-7", stars <= value ? "fill-star text-star" : "text-line-strong")}
            />
          </label>
        ))}
      </span>
    </fieldset>
  );
}

export function ReviewForm({ taskId, name }: { taskId: number; name: string }) {
  const { t } = useTranslation(["tasks", "cards"]);
  const say = useErrorText();
  const review = useReview(taskId);
  const [rating, setRating] = useState(0);
  const [parts, setParts] = useState<Partial<Record<(typeof PARTS)[number], number>>>({});
  const [comment, setComment] = useState("");
  const [missing, setMissing] = useState(false);
  const send = useSubmit(async () => {
    setMissing(rating === 0);
    if (!rating) return;
    await review.mutateAsync({ rating, comment: comment.trim(), ...parts });
    toast.success(t("tasks:review.sent"));
  });
  return (
    <form className="flex flex-col gap-3" onSubmit={send} noValidate>
      <p className="text-ink-soft">{t("tasks:review.why", { name })}</p>
      {review.error && <Notice tone="bad">{say(review.error, ["comment"])}</Notice>}
      {missing && <Notice tone="bad">{t("tasks:review.missing")}</Notice>}
      <StarChoice name="rating" legend={t("tasks:review.overall")} value={rating} onChange={setRating} />
      {PARTS.map((part) => (
        <StarChoice
          key={part}
          name={part}
          legend={t(`cards:${part}`)}
          value={parts[part] ?? 0}
          onChange={(value) => setParts({ ...parts, [part]: value })}
        />
      ))}
      <Field label={t("tasks:review.comment")} error={faultOf(review.error, "comment")} optional>
        <Textarea value={comment} onChange={(event) => setComment(event.target.value)} maxLength={5000} />
      </Field>
      <Button type="submit" busy={review.isPending} className="self-start">
        {t("tasks:review.submit")}
      </Button>
    </form>
  );
}
