import { useQuery } from "@tanstack/react-query";
import { Bell, Mail, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Badge, Dialog, LoadError, SkeletonList, Time } from "@/components/ui";

import { deliveriesQuery, type Delivery } from "../api/notifications";

const ICONS = { in_app: Bell, email: Mail, push: Smartphone } as const;
const TONES = {
  sent: "good",
  merged: "good",
  pending: "plain",
  deferred: "accent",
  suppressed: "plain",
  uncertain: "accent",
  failed: "bad",
} as const;

export function DeliveryRows({ rows }: { rows: readonly Delivery[] }) {
  const { t } = useTranslation("notifications");
  return (
    <ul className="flex flex-col gap-3">
      {rows.map((row) => {
        const Icon = ICONS[row.channel];
        return (
          <li key={row.id} className="flex gap-3">
            <Icon aria-hidden className="mt-1 size-5 shrink-0 text-ink-soft" />
            <div>
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{t(`channel.${row.channel}`)}</span>
                <Badge tone={TONES[row.state]}>{t(`state.${row.state}`)}</Badge>
                <Time iso={row.settled_at ?? row.created_at} className="text-sm text-ink-soft" />
              </p>
              <p className="text-ink-soft">{row.explanation}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** By which ways one was told of this, by which not, and why. */
export function Why({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation("notifications");
  const found = useQuery(deliveriesQuery(id));
  const rows = found.data ? ("results" in found.data ? found.data.results : found.data) : [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("why.title")}
      description={t("why.sub")}
    >
      {found.isPending && <SkeletonList rows={2} />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      <DeliveryRows rows={rows} />
    </Dialog>
  );
}
