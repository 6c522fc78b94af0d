import { Bot } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";

import { cn } from "@/lib/cn";

const load = () => import("./AssistantPanel");
const Panel = lazy(load);
// Without a network the banner says why nothing opens.
const ignore = () => undefined;

/** The assistant's button on every page; its panel is fetched when it is first opened. */
export function Assistant() {
  const { t } = useTranslation("common");
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState(false);
  // There it would lie on the field that one writes in, and on the button that leads on.
  const inTheWay = /^\/(messages\/.|onboarding)/.test(useLocation().pathname);
  return (
    <>
      <button
        type="button"
        onPointerEnter={() => void load().catch(ignore)}
        onClick={() =>
          void load().then(() => {
            setWanted(true);
            setOpen(true);
          }, ignore)
        }
        aria-label={t("assistant.open")}
        title={t("assistant.open")}
        className={cn(
          "fixed end-4 bottom-20 z-20 size-14 items-center justify-center rounded-full bg-brand text-on-brand shadow-pop hover:bg-brand-strong md:bottom-6",
          inTheWay ? "hidden" : "flex",
        )}
      >
        <Bot aria-hidden className="size-7" />
      </button>
      {wanted && (
        <Suspense fallback={null}>
          <Panel open={open} onOpenChange={setOpen} />
        </Suspense>
      )}
    </>
  );
}
