import { Star, type LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { cn } from "@/lib/cn";
import { ago, day, money, moment, number, rating as ratingText } from "@/lib/format";

type Tone = "plain" | "brand" | "accent" | "good" | "bad";
const TONES: Record<Tone, string> = {
  plain: "bg-sunken text-ink-soft",
  brand: "bg-brand-soft text-brand-strong",
  accent: "bg-accent-soft text-accent",
  good: "bg-good-soft text-good",
  bad: "bg-bad-soft text-bad",
};

export const Badge = ({
  tone = "plain",
  className,
  children,
}: {
  tone?: Tone;
  className?: string;
  children: ReactNode;
}) => (
  <span
    className={cn(
      "inline-flex items-center gap-1 rounded-xl px-2.5 py-0.5 text-sm font-medium",
      TONES[tone],
      className,
    )}
  >
    {children}
  </span>
);

export const Card = ({ className, ...rest }: ComponentProps<"section">) => (
  <section
    className={cn("rounded-2xl border border-line bg-raised p-4 shadow-card sm:p-5", className)}
    {...rest}
  />
);

export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={cn("animate-pulse rounded-lg bg-sunken dark:bg-line", className)} />
);

/** Grey blocks in place of what is being fetched, and a word for who hears rather than sees. `tall` ones are as high as
 * a task's card, so that nothing moves when the cards come. */
export function SkeletonList({
  rows = 4,
  className,
  tall = false,
}: {
  rows?: number;
  className?: string;
  tall?: boolean;
}) {
  const { t } = useTranslation("common");
  return (
    <div role="status" className={cn("flex flex-col gap-3", className)}>
      <span className="sr-only">{t("state.loading")}</span>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className={cn("h-28 rounded-2xl", tall && "h-60")} />
      ))}
    </div>
  );
}

/** Nothing is here yet: says why, and what to do next. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-2xl border border-dashed border-line-strong px-6 py-12 text-center">
      <Icon aria-hidden className="size-10 text-brand" strokeWidth={1.5} />
      <h2 className="text-lg font-bold">{title}</h2>
      {children && <p className="max-w-prose text-ink-soft">{children}</p>}
      {action}
    </div>
  );
}

export function Avatar({
  name,
  src,
  size = "md",
  online,
}: {
  name: string;
  src?: string | null;
  size?: "sm" | "md" | "lg";
  online?: boolean | null;
}) {
  const { t } = useTranslation("common");
  const box = { sm: "size-9 text-sm", md: "size-11", lg: "size-20 text-2xl" }[size];
  return (
    <span className={cn("relative inline-flex shrink-0", box)}>
      {src ? (
        <img src={src} alt="" loading="lazy" className="size-full rounded-full object-cover" />
      ) : (
        <span
          aria-hidden
          className="flex size-full items-center justify-center rounded-full bg-brand-soft font-bold text-brand-strong"
        >
          {[...name.trim()][0]?.toUpperCase() ?? "?"}
        </span>
      )}
      {online && (
        <span className="absolute end-0 bottom-0 size-3 rounded-full border-2 border-raised bg-good">
          <span className="sr-only">{t("state.online")}</span>
        </span>
      )}
    </span>
  );
}

/** An amount of money, never broken over a line nor turned by the text around it. */
export const Money = ({ amount, className }: { amount: string | number; className?: string }) => (
  <bdi className={cn("whitespace-nowrap tabular-nums", className)}>{money(amount)}</bdi>
);

export function Time({
  iso,
  as = "ago",
  className,
}: {
  iso: string;
  as?: "ago" | "day" | "moment";
  className?: string;
}) {
  return (
    <time dateTime={iso} title={moment(iso)} className={className}>
      {as === "ago" ? ago(iso) : as === "day" ? day(iso) : moment(iso)}
    </time>
  );
}

/** A name or words that somebody wrote, in their own direction inside ours. */
export const Said = ({ children, className }: { children: ReactNode; className?: string }) => (
  <bdi className={className}>{children}</bdi>
);

export function Rating({
  value,
  count,
  className,
}: {
  value: string | number;
  count: number;
  className?: string;
}) {
  const { t } = useTranslation("common");
  if (!count) return <span className={cn("text-sm text-ink-soft", className)}>{t("rating.none")}</span>;
  return (
    <span className={cn("inline-flex items-center gap-1 text-sm", className)}>
      <Star aria-hidden className="size-4 fill-star text-star" />
      <span className="font-semibold">
        <span className="sr-only">{t("rating.label")} </span>
        {ratingText(value)}
      </span>
      <span className="text-ink-soft">({number(count)})</span>
    </span>
  );
}

export function PageHeader({
  title,
  children,
  action,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-4">
      <div className="min-w-0">
        <h1 className="text-2xl font-bold sm:text-3xl">{title}</h1>
        {children && <p className="mt-1 max-w-prose text-ink-soft">{children}</p>}
      </div>
      {action && <div className="flex flex-wrap gap-2">{action}</div>}
    </header>
  );
}

/** Words in a line with a link among them. */
export const TextLink = ({ className, ...rest }: ComponentProps<typeof Link>) => (
  <Link
    className={cn(
      "font-medium text-brand underline underline-offset-4 hover:text-brand-strong",
      className as string,
    )}
    {...rest}
  />
);
