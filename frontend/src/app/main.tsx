import "@/styles/index.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { startI18n } from "@/i18n";
import { followSystemTheme } from "@/lib/theme";

import { App } from "./App";
import { restoreSession } from "./restoreSession";

// zod would try whether it may compile code here, which the content policy of our pages forbids and reports.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
followSystemTheme();
void restoreSession();
await startI18n();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
