import "@testing-library/jest-dom/vitest";

import { cleanup } from "@testing-library/react";
import i18n from "i18next";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { startI18n } from "@/i18n";
import { useSession } from "@/lib/session";

import { server } from "./server";

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await startI18n("en");
});
beforeEach(async () => {
  await i18n.changeLanguage("en");
  useSession.setState({ state: "guest", user: null, access: null, expired: "no" });
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
});
afterAll(() => server.close());
