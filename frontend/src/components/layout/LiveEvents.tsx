import { useQueryClient } from "@tanstack/react-query";
import i18n from "i18next";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { useTranslation } from "react-i18next";

import { get } from "@/api/client";
import { chatSocket, notificationSocket } from "@/api/sockets";
import type { LiveFrame } from "@/api/live";
import { useLive } from "@/api/liveState";
import { useUnread } from "@/lib/unread";

const POLL_MS = 20_000;
const TOLD_OF = new Set(["tasks", "applications", "reviews"]);
// What events of each stream are written into.
const CHAT = new Set(["messages", "conversations"]);
const NOTICES = new Set(["notifications", "recommendations", "applications"]);

type Told = { id: number; title: string; message: string; link: string };

/** Keeps both sockets open, the counts true, and tells of what arrives. What pages show is updated by their features. */
export default function LiveEvents() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { t } = useTranslation("common");
  const polling = useLive((live) => live.chat === "polling" || live.notifications === "polling");

  useEffect(() => {
    const count = () => {
      void get<{ unread_count: number }>("/notifications/unread-count/").then(
        (found) => useUnread.setState({ notifications: found.unread_count }),
        () => undefined,
      );
      void get<{ unread_count: number }>("/messages/unread-count/").then(
        (found) => useUnread.setState({ messages: found.unread_count }),
        () => undefined,
      );
    };
    count();
    const everything = () => {
      count();
      void client.invalidateQueries();
    };
    // Between the answer of the API and the first connection something may have happened, which no event will tell.
    const since = (nouns: Set<string>) => () => {
      count();
      void client.invalidateQueries({ predicate: ({ queryKey }) => nouns.has(String(queryKey[0])) });
    };
    const onNotice = (frame: LiveFrame) => {
      if (typeof frame.unread_count === "number") useUnread.setState({ notifications: frame.unread_count });
      if (frame.type === "unread_count" && typeof frame.count === "number")
        useUnread.setState({ notifications: frame.count });
      // What is told of has changed what is shown: an application was accepted, work was delivered.
      if (frame.type === "notification.new")
        void client.invalidateQueries({ predicate: ({ queryKey }) => TOLD_OF.has(String(queryKey[0])) });
      if (frame.type === "notification.new" && !frame.quiet) {
        const told = frame.notification as Told;
        toast(told.title, {
          id: `notification-${told.id}`,
          description: told.message,
          action: told.link
            ? { label: t("action.open"), onClick: () => void navigate(told.link) }
            : undefined,
        });
      }
    };
    const onChat = (frame: LiveFrame) => {
      if (frame.type === "message.new" || frame.type === "receipt" || frame.type === "conversation.new")
        count();
    };
    const stops = [
      notificationSocket.listen(onNotice),
      chatSocket.listen(onChat),
      notificationSocket.onResync(everything),
      chatSocket.onResync(everything),
      notificationSocket.onBegin(since(NOTICES)),
      chatSocket.onBegin(since(CHAT)),
    ];
    notificationSocket.open();
    chatSocket.open();
    const turned = () => {
      notificationSocket.reconnect();
      chatSocket.reconnect();
      void client.invalidateQueries();
    };
    i18n.on("languageChanged", turned);
    return () => {
      i18n.off("languageChanged", turned);
      for (const stop of stops) stop();
      notificationSocket.close();
      chatSocket.close();
      useUnread.setState({ messages: 0, notifications: 0 });
    };
  }, [client, navigate, t]);

  // Without a socket pages still hear of news, only later.
  useEffect(() => {
    if (!polling) return;
    const timer = setInterval(() => void client.invalidateQueries(), POLL_MS);
    return () => clearInterval(timer);
  }, [polling, client]);
  return null;
}
