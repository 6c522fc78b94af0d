import { create } from "zustand";

export type Stream = "chat" | "notifications";

/** "live": events arrive by themselves. "polling": they do not, so pages ask now and then. */
export const useLive = create<Record<Stream, "off" | "connecting" | "live" | "polling">>(() => ({
  chat: "off",
  notifications: "off",
}));
