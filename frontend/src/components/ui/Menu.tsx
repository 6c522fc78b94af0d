import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { Link } from "react-router";

import { cn } from "@/lib/cn";

const itemClass =
  "flex min-h-11 w-full cursor-pointer items-center gap-2.5 rounded-lg px-3 text-start outline-none select-none data-highlighted:bg-sunken data-disabled:opacity-50";

/** A menu at a button: arrow keys, letters and Escape work as everywhere. */
export function Menu({
  trigger,
  children,
  align = "end",
  defaultOpen,
}: {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
  defaultOpen?: boolean;
}) {
  return (
    <Base.Root defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} className="z-50">
          <Base.Popup className="max-h-(--available-height) min-w-52 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 text-ink shadow-pop outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({
  icon,
  children,
  onSelect,
  danger = false,
}: {
  icon?: ReactNode;
  children: ReactNode;
  onSelect: () => void;
  danger?: boolean;
}) {
  return (
    <Base.Item className={cn(itemClass, danger && "text-bad")} onClick={onSelect}>
      {icon}
      {children}
    </Base.Item>
  );
}

export function MenuLink({ icon, to, children }: { icon?: ReactNode; to: string; children: ReactNode }) {
  return (
    <Base.Item className={itemClass} render={<Link to={to} />}>
      {icon}
      {children}
    </Base.Item>
  );
}

export const MenuLine = () => <Base.Separator className="my-1.5 h-px bg-line" />;
