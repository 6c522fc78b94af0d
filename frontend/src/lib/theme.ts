import { create } from "zustand";

import { store, stored } from "./storage";

export type Theme = "light" | "dark" | "system";

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

function apply(theme: Theme) {
  document.documentElement.classList.toggle(
    "dark",
    theme === "dark" || (theme === "system" && dark().matches),
  );
}

const kept = stored("theme");

export const useTheme = create<{ theme: Theme; choose: (theme: Theme) => void }>((set) => ({
  theme: kept === "light" || kept === "dark" ? kept : "system",
  choose: (theme) => {
    store("theme", theme);
    apply(theme);
    set({ theme });
  },
}));

export function followSystemTheme() {
  apply(useTheme.getState().theme);
  dark().addEventListener("change", () => apply(useTheme.getState().theme));
}
