import { create } from "zustand";

import type { Schemas } from "@/api/types";

import { store } from "./storage";

export type OwnUser = Schemas["OwnUser"];

type Session = {
  /** "unknown" until the first refresh has been answered. */
  state: "unknown" | "guest" | "user";
  user: OwnUser | null;
  /** The access token lives here only: no script finds it in storage. The refresh token is an HttpOnly cookie. */
  access: string | null;
  begin: (access: string, user: OwnUser) => void;
  renew: (access: string) => void;
  change: (user: OwnUser) => void;
  end: () => void;
};

export const useSession = create<Session>((set) => ({
  state: "unknown",
  user: null,
  access: null,
  begin: (access, user) => {
    store("session", "1");
    set({ state: "user", access, user });
  },
  renew: (access) => set({ access }),
  change: (user) => set({ user }),
  end: () => {
    store("session", null);
    set({ state: "guest", access: null, user: null });
  },
}));

export const mayPost = (user: OwnUser | null) => !!user && user.user_type !== "freelancer";
export const mayApply = (user: OwnUser | null) =>
  !!user && (user.user_type === "freelancer" || user.user_type === "both");
