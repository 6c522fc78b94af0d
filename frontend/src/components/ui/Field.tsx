import { ChevronDown, CircleAlert } from "lucide-react";
import { createContext, useContext, useId, type ComponentProps, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { cn } from "@/lib/cn";

type Wiring = { id: string; describedBy: string | undefined; invalid: boolean; required: boolean };
const FieldContext = createContext<Wiring | null>(null);

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  optional?: boolean;
  className?: string;
  children: ReactNode;
};

/** A label, its control, a hint and an error, wired together for who hears rather than sees them. */
export function Field({
  label,
  hint,
  error,
  required = false,
  optional = false,
  className,
  children,
}: FieldProps) {
  const { t } = useTranslation("common");
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <FieldContext value={{ id, describedBy: described || undefined, invalid: !!error, required }}>
      <div className={cn("flex flex-col gap-1.5", className)}>
        <label htmlFor={id} className="font-medium">
          {label}
          {optional && <span className="ms-2 text-sm font-normal text-ink-soft">({t("form.optional")})</span>}
        </label>
        {children}
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-ink-soft">
            {hint}
          </p>
        )}
        {error && (
          <p id={`${id}-error`} role="alert" className="flex items-start gap-1.5 text-sm text-bad">
            <CircleAlert aria-hidden className="mt-1 size-4 shrink-0" />
            {error}
          </p>
        )}
      </div>
    </FieldContext>
  );
}

/** What a control inside a `Field` takes over: its id, description and state. */
export function useFieldProps() {
  const field = useContext(FieldContext);
  return field
    ? {
        id: field.id,
        "aria-describedby": field.describedBy,
        "aria-invalid": field.invalid || undefined,
        "aria-required": field.required || undefined,
      }
    : {};
}

export const controlClass =
  "w-full min-h-11 rounded-xl border border-line-strong bg-raised px-3.5 py-2 text-ink transition-colors " +
  "hover:border-ink-soft focus-visible:outline-2 focus-visible:outline-offset-0 aria-invalid:border-bad disabled:opacity-60";

export function Input({ className, dir = "auto", placeholder = " ", ...rest }: ComponentProps<"input">) {
  return (
    <input
      dir={dir}
      placeholder={placeholder}
      className={cn(controlClass, className)}
      {...useFieldProps()}
      {...rest}
    />
  );
}

export function Textarea({
  className,
  dir = "auto",
  placeholder = " ",
  rows = 5,
  ...rest
}: ComponentProps<"textarea">) {
  return (
    <textarea
      dir={dir}
      placeholder={placeholder}
      rows={rows}
      className={cn(controlClass, "min-h-24 resize-y", className)}
      {...useFieldProps()}
      {...rest}
    />
  );
}

/** The browser's own select: the best one on a phone. Its arrow is ours, as far from the edge in both directions. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={cn("relative block w-full", className)}>
      <select
        className={cn(controlClass, "appearance-none pe-10 text-ellipsis")}
        {...useFieldProps()}
        {...rest}
      >
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute inset-y-0 end-3 my-auto size-5 text-ink-soft"
      />
    </span>
  );
}

type ToggleProps = Omit<ComponentProps<"input">, "type"> & { label: ReactNode; hint?: ReactNode };

export function Checkbox({ label, hint, className, ...rest }: ToggleProps) {
  return (
    <label className={cn("flex min-h-11 cursor-pointer items-start gap-3 py-2.5", className)}>
      <input type="checkbox" className="mt-1 size-5 shrink-0 accent-brand" {...rest} />
      <span>
        {label}
        {hint && <span className="block text-sm text-ink-soft">{hint}</span>}
      </span>
    </label>
  );
}

export function Radio({ label, hint, className, ...rest }: ToggleProps) {
  return (
    <label
      className={cn(
        "flex min-h-11 cursor-pointer items-start gap-3 rounded-xl border border-line px-4 py-3 has-checked:border-brand has-checked:bg-brand-soft",
        className,
      )}
    >
      <input type="radio" className="mt-1 size-5 shrink-0 accent-brand" {...rest} />
      <span>
        <span className="font-medium">{label}</span>
        {hint && <span className="block text-sm text-ink-soft">{hint}</span>}
      </span>
    </label>
  );
}

/** A switch: on or off at once, without a form to send. */
export function Switch({ label, hint, className, ...rest }: ToggleProps) {
  return (
    <label className={cn("flex min-h-11 cursor-pointer items-center justify-between gap-4 py-2", className)}>
      <span>
        {label}
        {hint && <span className="block text-sm text-ink-soft">{hint}</span>}
      </span>
      <input
        type="checkbox"
        role="switch"
        className="relative h-6 w-11 shrink-0 cursor-pointer appearance-none rounded-full bg-line-strong transition-colors before:absolute before:start-0.5 before:top-0.5 before:size-5 before:rounded-full before:bg-white before:transition-[inset-inline-start] checked:bg-brand checked:before:start-5.5 disabled:cursor-not-allowed disabled:opacity-50"
        {...rest}
      />
    </label>
  );
}

/** Several choices of one question, with the question as their legend. */
export function Choices({
  legend,
  error,
  children,
  className,
}: {
  legend: ReactNode;
  error?: string;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <fieldset className={cn("flex flex-col gap-2", className)} aria-describedby={error ? id : undefined}>
      <legend className="mb-1.5 font-medium">{legend}</legend>
      {children}
      {error && (
        <p id={id} role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
