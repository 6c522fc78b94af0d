import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";

/** Something small beside its button: a panel with anything inside. */
export function Popover({
  trigger,
  title,
  children,
}: {
  trigger: ReactElement;
  title?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={6} className="z-50">
          <Base.Popup className="max-h-(--available-height) w-[min(92vw,24rem)] overflow-y-auto rounded-2xl border border-line bg-raised p-4 text-ink shadow-pop outline-none">
            {title && <Base.Title className="mb-2 font-bold">{title}</Base.Title>}
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
