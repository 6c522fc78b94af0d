import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { number } from "@/lib/format";

import { LinkButton } from "./Button";

/** Links to the pages before and after; the page is in the address, so that going back finds it. */
export function Pager({ count, size = 12 }: { count: number; size?: number }) {
  const { t } = useTranslation("common");
  const [params] = useSearchParams();
  const page = Math.max(1, Number(params.get("page")) || 1);
  const last = Math.max(1, Math.ceil(count / size));
  if (last <= 1) return null;
  const to = (next: number) => {
    const changed = new URLSearchParams(params);
    changed.set("page", String(next));
    return { search: `?${changed}` };
  };
  return (
    <nav aria-label={t("pager.label")} className="mt-6 flex items-center justify-center gap-3">
      {page > 1 && (
        <LinkButton
          look="secondary"
          to={to(page - 1)}
          rel="prev"
          icon={<ChevronLeft aria-hidden className="turn size-5" />}
        >
          {t("pager.previous")}
        </LinkButton>
      )}
      <span aria-current="page" className="text-ink-soft">
        {t("pager.position", { page: number(page), last: number(last) })}
      </span>
      {page < last && (
        <LinkButton look="secondary" to={to(page + 1)} rel="next">
          {t("pager.next")}
          <ChevronRight aria-hidden className="turn size-5" />
        </LinkButton>
      )}
    </nav>
  );
}
