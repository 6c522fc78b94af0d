import { create } from "zustand";

import type { Schemas } from "@/api/types";

import { store } from "./storage";

export type OwnUser = Schemas["OwnUser"];

export type Session = {
  /** "unknown" until the first refresh has been answered. */
  state: "unknown" | "guest" | "user";
  user: OwnUser | null;
  /** The access token lives here only: no script finds it in storage. The refresh token is an HttpOnly cookie. */
  access: string | null;
  /** The login ran out while a page was open: it stays as it is, and the login is asked for over it, now or later. */
  expired: "no" | "asked" | "later";
  begin: (access: string, user: OwnUser) => void;
  renew: (access: string) => void;
  change: (user: OwnUser) => void;
  expire: () => void;
  putOff: () => void;
  end: () => void;
};

export const useSession = create<Session>((set) => ({
  state: "unknown",
  user: null,
  access: null,
  expired: "no",
  begin: (access, user) => {
    store("session", "1");
    set({ state: "user", access, user, expired: "no" });
  },
  renew: (access) => set({ access, expired: "no" }),
  change: (user) => set({ user }),
  expire: () => set({ expired: "asked" }),
  putOff: () => set({ expired: "later" }),
  end: () => {
    store("session", null);
    set({ state: "guest", access: null, user: null, expired: "no" });
  },
}));

export const mayPost = (user: OwnUser | null) => !!user && user.user_type !== "freelancer";
export const mayApply = (user: OwnUser | null) =>
  !!user && (user.user_type === "freelancer" || user.user_type === "both");
