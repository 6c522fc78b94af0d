import {
  expect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "@playwright/test";

export const PASSWORD = "a-Long-passphrase-7!";
export const DEMO_PASSWORD = "multitask-demo";

export type Look = { language?: "ar" | "en"; theme?: "light" | "dark"; width?: number; height?: number };

/** A browser of its own, with the interface as somebody chose it. */
export async function visitor(
  browser: Browser,
  { language = "en", theme = "light", width = 1280, height = 860 }: Look = {},
  more: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width, height }, ...more });
  await context.addInitScript(
    ([chosen, colours]) => {
      if (localStorage.getItem("multitask.language")) return;
      localStorage.setItem("multitask.language", chosen);
      localStorage.setItem("multitask.theme", colours);
    },
    [language, theme] as const,
  );
  return context;
}

/** The same, logged in; without the pages of the login, which have tests of their own. */
export async function member(browser: Browser, name: string, look: Look = {}, password = DEMO_PASSWORD) {
  const context = await visitor(browser, look);
  const answer = await context.request.post("/api/auth/login/", { data: { username: name, password } });
  expect(answer.ok(), `${name} logs in`).toBe(true);
  await context.addInitScript(() => localStorage.setItem("multitask.session", "1"));
  return context;
}

/** Faults that a browser reports of a page: broken scripts, refused content. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // The answers of the API are the pages' to show.
    if (message.type() === "error" && !/Failed to load resource|WebSocket/.test(message.text()))
      faults.push(message.text());
  });
  return faults;
}

/** When everything asked for has come. */
export async function settled(page: Page) {
  await expect(page.locator("main [aria-busy=true], main .animate-pulse")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

export const unique = () => `${Date.now().toString(36)}${Math.floor(Math.random() * 1e4).toString(36)}`;
