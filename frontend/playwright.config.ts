import { existsSync } from "node:fs";

import { defineConfig } from "@playwright/test";

const browsers = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];
const chromium = process.env.CHROMIUM ?? browsers.find((path) => existsSync(path));
if (!chromium)
  throw new Error("The journeys need Chromium: apt-get install chromium, or name it in CHROMIUM.");

// The journeys go through the real stack, which e2e/stack.ts starts with a port and data of its own. E2E_URL names one
// that runs already.
const baseURL = process.env.E2E_URL ?? "http://127.0.0.1:8123";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  globalSetup: "./e2e/stack.ts",
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  forbidOnly: !!process.env.CI,
  use: {
    baseURL,
    locale: "en-GB",
    timezoneId: "Africa/Cairo",
    // A service worker's requests are not seen by route(): the one test that is about it lets it be.
    serviceWorkers: "block",
    actionTimeout: 15_000,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "journeys", testMatch: "**/*.spec.ts" },
    { name: "screenshots", testMatch: "**/*.shots.ts" },
  ],
});
