import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useRef, useState, type ReactNode, type Ref } from "react";
import { useTranslation } from "react-i18next";

import { cn } from "@/lib/cn";

import { Button, IconButton } from "./Button";

type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  /** "sheet" slides in from the end of the line and is as high as the window. */
  as?: "dialog" | "sheet";
  className?: string;
  /** The part that scrolls. */
  bodyRef?: Ref<HTMLDivElement>;
};

/** A window over the page: focus stays inside, Escape closes it, and goes back to where it was. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  as = "dialog",
  className,
  bodyRef,
}: DialogProps) {
  const { t } = useTranslation("common");
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/45 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          className={cn(
            "fixed z-50 flex flex-col bg-raised text-ink shadow-pop transition-all duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0",
            as === "dialog"
              ? "start-1/2 top-1/2 max-h-[min(90dvh,46rem)] w-[min(94vw,34rem)] -translate-y-1/2 rounded-2xl ltr:-translate-x-1/2 rtl:translate-x-1/2"
              : "inset-y-0 end-0 w-[min(100vw,26rem)]",
            className,
          )}
        >
          <div className="flex items-start justify-between gap-3 border-b border-line p-4">
            <div>
              <Base.Title className="text-lg font-bold">{title}</Base.Title>
              {description && (
                <Base.Description className="mt-1 text-ink-soft">{description}</Base.Description>
              )}
            </div>
            <Base.Close render={<IconButton label={t("action.close")} />}>
              <X aria-hidden className="size-5" />
            </Base.Close>
          </div>
          {children && (
            <div
              ref={bodyRef}
              className="min-h-0 flex-1 overflow-y-auto p-4 has-[>div:only-child:empty]:hidden"
            >
              {children}
            </div>
          )}
          {footer && (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line p-4">{footer}</div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

type ConfirmProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  confirm: ReactNode;
  danger?: boolean;
  children?: ReactNode;
  /** Resolves to close, except to `false`; what it throws is for the caller to show inside. */
  onConfirm: () => unknown;
};

/** Asks before something that cannot be taken back. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirm,
  danger = false,
  children,
  onConfirm,
}: ConfirmProps) {
  const { t } = useTranslation("common");
  const [busy, setBusy] = useState(false);
  // A second press comes before the button is seen to be busy.
  const running = useRef(false);
  const act = async () => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      if ((await onConfirm()) !== false) onOpenChange(false);
    } catch {
      // Shown by the caller; the question stays open.
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      footer={
        <>
          <Button look="secondary" onClick={() => onOpenChange(false)}>
            {t("action.cancel")}
          </Button>
          <Button look={danger ? "danger" : "primary"} busy={busy} onClick={() => void act()}>
            {confirm}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
