import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { EmptyState } from "@/components/ui";
import { cn } from "@/lib/cn";
import { useSession } from "@/lib/session";
import { usePageTitle } from "@/lib/usePageTitle";

import { useLiveChat } from "../api/useLiveChat";
import { ConversationList } from "../components/ConversationList";
import { Thread } from "../components/Thread";

/** List and thread side by side; on a phone one of them. */
export default function MessagesPage() {
  const { t } = useTranslation("messages");
  const { id } = useParams();
  const me = useSession((session) => session.user?.id ?? 0);
  useLiveChat(me);
  usePageTitle(t("title"));
  const open = Number(id) || null;
  return (
    <div className="mx-auto flex h-[calc(100dvh-9rem)] w-full max-w-6xl flex-1 md:h-[calc(100dvh-4.5rem)]">
      <h1 className="sr-only">{t("title")}</h1>
      <aside
        aria-label={t("list")}
        className={cn(
          "min-h-0 w-full flex-col border-line lg:flex lg:w-96 lg:border-e",
          open ? "hidden" : "flex",
        )}
      >
        <ConversationList me={me} />
      </aside>
      <div className={cn("min-h-0 min-w-0 flex-1 flex-col lg:flex", open ? "flex" : "hidden")}>
        {open ? (
          <Thread id={open} me={me} />
        ) : (
          <div className="m-auto p-6">
            <EmptyState icon={MessagesSquare} title={t("choose")} />
          </div>
        )}
      </div>
    </div>
  );
}
