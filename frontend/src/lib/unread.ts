import { create } from "zustand";

/** The counts beside the icons of the header; written by what is fetched and by live events. */
export const useUnread = create<{ messages: number; notifications: number }>(() => ({
  messages: 0,
  notifications: 0,
}));
