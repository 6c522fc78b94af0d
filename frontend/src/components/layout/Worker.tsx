import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { toast } from "sonner";

import { renewPush } from "@/api/push";
import { useSession } from "@/lib/session";

const LOOK_EVERY_MS = 10 * 60_000;
const ENTRY = /\/assets\/index-[\w-]+\.js/;

/** The service worker: starts it, goes where a pushed line leads, and says when there is a newer build of the pages. */
export default function Worker() {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  const signedIn = useSession((session) => session.state === "user");

  useEffect(() => {
    if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
    void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    const open = (event: MessageEvent) => {
      const told = event.data as { type?: string; link?: unknown } | null;
      if (told?.type === "open" && typeof told.link === "string" && /^\/(?![/\\])/.test(told.link))
        void navigate(told.link);
    };
    navigator.serviceWorker.addEventListener("message", open);
    return () => navigator.serviceWorker.removeEventListener("message", open);
  }, [navigate]);

  useEffect(() => {
    if (signedIn) void renewPush().catch(() => undefined);
  }, [signedIn]);

  useEffect(() => {
    const own = [...document.scripts].map(({ src }) => ENTRY.exec(src)?.[0]).find(Boolean);
    if (!own) return;
    let looked = Date.now();
    const look = async () => {
      if (document.visibilityState !== "visible" || Date.now() - looked < LOOK_EVERY_MS) return;
      looked = Date.now();
      const shell = await fetch("/", { cache: "no-cache" }).then((answer) => answer.text());
      const newest = ENTRY.exec(shell)?.[0];
      if (newest && newest !== own)
        toast(t("update.text"), {
          id: "update",
          duration: Infinity,
          action: { label: t("action.reload"), onClick: () => location.reload() },
        });
    };
    const ask = () => void look().catch(() => undefined);
    const timer = setInterval(ask, LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [t]);
  return null;
}
