import "@/styles/index.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { startI18n } from "@/i18n";
import { followSystemTheme } from "@/lib/theme";

import { App } from "./App";
import { restoreSession } from "./restoreSession";
import { makeRouter } from "./router";

// zod would try whether it may compile code here, which the content policy of our pages forbids and reports.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

/** Shows the application. Awaited in a function: an entry that waits itself is built as twenty files instead of two. */
async function start() {
  followSystemTheme();
  void restoreSession();
  // The page's code and texts come beside those that every page needs.
  const started = startI18n();
  const router = makeRouter();
  await started;
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <App router={router} />
    </StrictMode>,
  );
}

void start();
