import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { cn } from "@/lib/cn";

import { controlClass, useFieldProps } from "./Field";

export type Option = { value: string; label: ReactNode; text: string };

type Props = {
  query: string;
  onQuery: (query: string) => void;
  options: Option[];
  onPick: (option: Option) => void;
  /** Enter with nothing marked, as for a search. */
  onEnter?: (query: string) => void;
  label?: string;
  placeholder?: string;
  loading?: boolean;
  className?: string;
  icon?: ReactNode;
  type?: "text" | "search";
};

/** A text field with suggestions below it (ARIA combobox, list autocomplete): the focus stays in the field. */
export function Combobox({
  query,
  onQuery,
  options,
  onPick,
  onEnter,
  label,
  placeholder,
  loading = false,
  className,
  icon,
  type = "text",
}: Props) {
  const { t } = useTranslation("common");
  const list = useId();
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const shown = open && options.length > 0;

  const pick = (option: Option) => {
    onPick(option);
    setOpen(false);
    setMarked(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      if (!options.length) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      setMarked((now) => (now + step + options.length + (now < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if (event.key === "Enter") {
      const option = shown ? options[marked] : undefined;
      if (option) {
        event.preventDefault();
        pick(option);
      } else if (onEnter) {
        event.preventDefault();
        setOpen(false);
        onEnter(query);
      }
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      setOpen(false);
      setMarked(-1);
    }
  };

  return (
    <div className={cn("relative", className)}>
      {icon && (
        <span className="pointer-events-none absolute inset-y-0 start-3.5 flex items-center text-ink-soft">
          {icon}
        </span>
      )}
      <input
        ref={input}
        type={type}
        dir="auto"
        maxLength={200}
        autoComplete="off"
        {...useFieldProps()}
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={list}
        aria-activedescendant={shown && marked >= 0 ? `${list}-${marked}` : undefined}
        aria-busy={loading || undefined}
        placeholder={placeholder}
        value={query}
        onChange={(event) => {
          onQuery(event.target.value);
          setOpen(true);
          setMarked(-1);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        className={cn(controlClass, icon ? "px-11" : "")}
      />
      <ul
        id={list}
        role="listbox"
        aria-label={label ?? t("search.suggestions")}
        hidden={!shown}
        className="absolute inset-x-0 top-full z-30 mt-1 max-h-80 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-pop"
      >
        {options.map((option, index) => (
          <li
            key={option.value}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === marked}
            className={cn("cursor-pointer rounded-lg px-3 py-2.5", index === marked && "bg-sunken")}
            onMouseMove={() => setMarked(index)}
            onMouseDown={(event) => {
              event.preventDefault();
              pick(option);
            }}
          >
            {option.label}
          </li>
        ))}
      </ul>
      <span className="sr-only" role="status">
        {shown ? t("search.suggestionCount", { count: options.length }) : ""}
      </span>
    </div>
  );
}
