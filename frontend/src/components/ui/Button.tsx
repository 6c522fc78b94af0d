import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

import { cn } from "@/lib/cn";

type Look = "primary" | "secondary" | "quiet" | "danger";
type Size = "sm" | "md" | "lg" | "icon";

const LOOKS: Record<Look, string> = {
  primary: "bg-brand text-on-brand hover:bg-brand-strong",
  secondary: "border border-line-strong bg-raised text-ink hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  danger: "bg-bad-soft text-bad hover:brightness-95 dark:hover:brightness-125",
};
const SIZES: Record<Size, string> = {
  sm: "min-h-9 gap-1.5 px-3 text-sm",
  md: "min-h-11 gap-2 px-4",
  lg: "min-h-12 gap-2 px-6 text-lg",
  icon: "size-11 shrink-0",
};

export const buttonClass = (look: Look = "primary", size: Size = "md", className?: string) =>
  cn(
    "inline-flex items-center justify-center rounded-xl text-center font-semibold transition-colors",
    "disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60",
    LOOKS[look],
    SIZES[size],
    className,
  );

type Props = ComponentProps<"button"> & { look?: Look; size?: Size; busy?: boolean; icon?: ReactNode };

/** A button. While `busy` it keeps its width and its place in the focus order, and does nothing. */
export function Button({
  look,
  size,
  busy = false,
  icon,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: Props) {
  return (
    <button
      type={type}
      className={buttonClass(look, size, className)}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy ? <LoaderCircle aria-hidden className="size-5 animate-spin" /> : icon}
      {children}
    </button>
  );
}

type LinkButtonProps = LinkProps & { look?: Look; size?: Size; icon?: ReactNode };

/** A link that looks like a button: it goes somewhere, a button does something. */
export function LinkButton({ look, size, icon, className, children, ...rest }: LinkButtonProps) {
  return (
    <Link className={buttonClass(look, size, className as string | undefined)} {...rest}>
      {icon}
      {children as ReactNode}
    </Link>
  );
}

/** A button that is only an icon: `label` is its name for who cannot see it, and its tooltip. */
export function IconButton({
  label,
  children,
  look = "quiet",
  ...rest
}: Omit<Props, "icon" | "size"> & { label: string }) {
  return (
    <Button look={look} size="icon" aria-label={label} title={label} {...rest}>
      {children}
    </Button>
  );
}
