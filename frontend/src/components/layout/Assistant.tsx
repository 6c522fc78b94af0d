import { Bot } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const load = () => import("./AssistantPanel");
const Panel = lazy(load);
// Without a network the banner says why nothing opens.
const ignore = () => undefined;

/** The assistant's button on every page; its panel is fetched when it is first opened. */
export function Assistant() {
  const { t } = useTranslation("common");
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState(false);
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
        className="fixed end-4 bottom-20 z-20 flex size-14 items-center justify-center rounded-full bg-brand text-on-brand shadow-pop hover:bg-brand-strong md:bottom-6"
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
