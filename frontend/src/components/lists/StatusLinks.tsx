import { Link, useSearchParams } from "react-router";

import { cn } from "@/lib/cn";

/** A choice that is part of the address, as a row of links. */
export function StatusLinks({
  label,
  name,
  values,
}: {
  label: string;
  name: string;
  values: { value: string; label: string }[];
}) {
  const [params] = useSearchParams();
  const now = params.get(name) ?? "";
  const to = (value: string) => {
    const next = new URLSearchParams(params);
    next.delete("page");
    if (value) next.set(name, value);
    else next.delete(name);
    return { search: next.size ? `?${next}` : "" };
  };
  return (
    <nav aria-label={label} className="mb-4 overflow-x-auto">
      <ul className="flex gap-1">
        {values.map((one) => (
          <li key={one.value} className="shrink-0">
            <Link
              to={to(one.value)}
              aria-current={one.value === now ? "true" : undefined}
              className={cn(
                "inline-flex min-h-11 items-center rounded-full border px-4 font-medium",
                one.value === now
                  ? "border-brand bg-brand-soft text-brand-strong"
                  : "border-line hover:bg-sunken",
              )}
            >
              {one.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
