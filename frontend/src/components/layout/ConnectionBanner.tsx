import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { WifiOff } from "lucide-react";

import { useLive } from "@/api/liveState";

const subscribe = (changed: () => void) => {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
};

/** Says that the network is away, or that what happens is shown with a delay; quiet otherwise. */
export function ConnectionBanner() {
  const { t } = useTranslation("common");
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const polling = useLive((live) => live.chat === "polling" || live.notifications === "polling");
  const text = online ? (polling ? t("connection.polling") : "") : t("connection.offline");
  return (
    <div role="status" aria-live="polite">
      {text && (
        <p className="flex items-center justify-center gap-2 bg-accent-soft px-4 py-2 text-center text-sm font-medium text-accent">
          <WifiOff aria-hidden className="size-4 shrink-0" />
          {text}
        </p>
      )}
    </div>
  );
}
