// Measures the application in Chromium as people meet it: paint, shift and answer to what one does, with a slowed
// processor, and how soon what happens elsewhere is seen. scripts/bench --only web starts it: what to measure comes as
// JSON on standard input, the figures go to standard output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const vitals = readFileSync(
  require.resolve("web-vitals").replace(/web-vitals[^/]*$/, "web-vitals.attribution.iife.js"),
  "utf8",
);
const asked = JSON.parse(readFileSync(0, "utf8"));
const LANGUAGES = ["ar", "en"];
const SIZE = { width: 1280, height: 860 };
// What the Event Timing API gives at least; shorter ones are not told of.
const SHORTEST_MS = 16;
const PATIENCE_MS = 30_000;

const texts = (language) =>
  JSON.parse(readFileSync(new URL(`../src/i18n/${language}/common.json`, import.meta.url), "utf8"));
const now = () => performance.timeOrigin + performance.now();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Runs in every page before its own scripts. */
function record() {
  const kept = { lcp: 0, element: "", cls: 0, shifted: "", blocked: 0, events: [] };
  window.benchVitals = kept;
  const all = { reportAllChanges: true };
  webVitals.onLCP(({ value, attribution }) => {
    kept.lcp = value;
    kept.element = attribution.target ?? "";
  }, all);
  webVitals.onCLS(({ value, attribution }) => {
    kept.cls = value;
    kept.shifted = attribution.largestShiftTarget ?? "";
  }, all);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) kept.blocked += duration - 50;
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (!one.interactionId) continue;
      kept.events.push({
        name: one.name,
        ms: one.duration,
        before: one.processingStart - one.startTime,
        work: one.processingEnd - one.processingStart,
      });
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  /** When `text` is seen on the page, after its frame. */
  window.benchSeen = (text) =>
    new Promise((resolve) => {
      const look = () => {
        if (!document.querySelector("main")?.textContent.includes(text)) return false;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
        return true;
      };
      const observer = new MutationObserver(look);
      if (!look()) observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    });
}

const browser = await chromium.launch({
  executablePath: asked.chromium,
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
});

/** A browser that has seen nothing yet, its processor slowed, the member logged in where `member` says so. */
async function visitor(language, { member = false } = {}) {
  const context = await browser.newContext({
    baseURL: asked.base,
    viewport: SIZE,
    locale: language === "ar" ? "ar-EG" : "en-GB",
    timezoneId: "Africa/Cairo",
  });
  // One script: what it declares is known to itself alone.
  await context.addInitScript(`${vitals};(${record})();`);
  await context.addInitScript(
    ([chosen, login]) => {
      if (localStorage.getItem("multitask.language")) return;
      localStorage.setItem("multitask.language", chosen);
      if (login) localStorage.setItem("multitask.session", "1");
    },
    [language, member],
  );
  if (member) {
    const value = asked.logins.pop();
    if (!value) throw new Error("More logins are needed than were given.");
    const { hostname } = new URL(asked.base);
    await context.addCookies([
      {
        name: "refresh_token",
        value,
        domain: hostname,
        path: "/api/auth/",
        httpOnly: true,
        sameSite: "Strict",
      },
    ]);
  }
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: asked.slow });
  return page;
}

async function settled(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(
    () => {
      const main = document.querySelector("main");
      return main?.textContent.trim() && !main.querySelector("[aria-busy=true], .animate-pulse");
    },
    null,
    { polling: 200 },
  );
  await page.waitForTimeout(700);
}

const kept = (page) =>
  page.evaluate(() => {
    const { lcp, element, cls, shifted, blocked } = window.benchVitals;
    return { lcp, element, cls, shifted, blocked };
  });

/** A page loaded by a browser that has nothing of it. */
async function load(path, language, member) {
  const page = await visitor(language, { member });
  await page.goto(path, { waitUntil: "load" });
  await settled(page);
  const found = await kept(page);
  await page.context().close();
  return found;
}

/** What an action takes from the press to the next frame: the longest of its interactions. */
async function step(page, found, name, act) {
  await page.evaluate(() => void (window.benchVitals.events.length = 0));
  await act();
  await page.waitForTimeout(500);
  const events = await page.evaluate(() => window.benchVitals.events.splice(0));
  const slowest = events.reduce((one, next) => (next.ms > one.ms ? next : one), { ms: SHORTEST_MS });
  found[name] = slowest;
}

/** What a guest does: searches, narrows, turns the language, opens a task. */
async function guestVisit(language, found) {
  const page = await visitor(language);
  const other = language === "ar" ? "en" : "ar";
  await page.goto(asked.paths.browse);
  await settled(page);
  await step(page, found, "type in the search field", async () => {
    await page.locator("main input[type=search]").click();
    await page.keyboard.type(asked.words[language], { delay: 90 });
    await page.waitForURL(/search=/);
    await settled(page);
  });
  await step(page, found, "tick a filter", async () => {
    await page.locator("main aside input[type=checkbox]").click();
    await settled(page);
  });
  await step(page, found, "switch the language", async () => {
    await page.locator(`header button[lang=${other}]`).click();
    await page.waitForFunction((to) => document.documentElement.lang === to, other);
    await settled(page);
  });
  await step(page, found, "open a task", async () => {
    await page.locator("main article h2 a").first().click();
    await page.waitForURL(/tasks\/\d+/);
    await settled(page);
  });
  const { cls, shifted } = await kept(page);
  await page.context().close();
  return { cls, shifted };
}

/** What a member does: asks the assistant, opens the menu, writes. */
async function memberVisit(language, found) {
  const page = await visitor(language, { member: true });
  await page.goto(asked.paths.dashboard);
  await settled(page);
  await step(page, found, "open the assistant", async () => {
    await page.getByRole("button", { name: texts(language).assistant.open }).click();
    await page.getByRole("dialog").waitFor();
  });
  await step(page, found, "close the assistant", async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
  await step(page, found, "open the menu", async () => {
    await page.locator("header button[aria-haspopup=menu]").click();
    await page.getByRole("menu").waitFor();
  });
  await page.keyboard.press("Escape");
  const first = await kept(page);
  await page.goto(asked.paths.thread);
  await settled(page);
  const line = `${asked.words[language]} ${Math.random().toString(36).slice(2, 8)}`;
  await step(page, found, "write a message", async () => {
    await page.locator("main textarea").click();
    await page.keyboard.type(line, { delay: 60 });
  });
  await step(page, found, "send it", async () => {
    await page.keyboard.press("Enter");
    await page.locator("main ol li", { hasText: line }).waitFor();
  });
  const second = await kept(page);
  await page.context().close();
  return first.cls > second.cls ? first : second;
}

async function told(one) {
  const answer = await fetch(asked.base + one.path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${one.token}` },
    body: JSON.stringify(one.body),
  });
  if (!answer.ok) throw new Error(`POST ${one.path} gave ${answer.status}: ${await answer.text()}`);
  return now();
}

/** Milliseconds from the answer to the sender until each of `items` is seen on the member's open page. */
async function live(path, items) {
  const page = await visitor("ar", { member: true });
  await page.goto(path);
  await settled(page);
  await pause(1_000);
  const found = [];
  for (const one of items) {
    await page.evaluate((text) => void (window.benchShown = window.benchSeen(text)), one.text);
    const answered = await told(one);
    const shown = await Promise.race([
      page.evaluate(() => window.benchShown),
      pause(PATIENCE_MS).then(() => {
        throw new Error(`“${one.text}” was not seen on ${path} in ${PATIENCE_MS / 1000} s.`);
      }),
    ]);
    found.push(Math.max(0, shown - answered));
    await pause(asked.pace);
  }
  await page.context().close();
  return found;
}

/** The same without anything live: the page is loaded again as soon as the sender has the answer. */
async function reloaded(path, items) {
  const page = await visitor("ar", { member: true });
  await page.goto(path);
  await settled(page);
  const found = [];
  for (const one of items) {
    const answered = await told(one);
    await page.reload({ waitUntil: "commit" });
    found.push((await page.evaluate((text) => window.benchSeen(text), one.text)) - answered);
    await settled(page);
  }
  await page.context().close();
  return found;
}

/** The least a page can take here: a page of one sentence from the same server, and a press on it. */
async function floor() {
  const page = await visitor("en");
  await page.goto(asked.paths.floor, { waitUntil: "networkidle" });
  await page.waitForTimeout(500);
  const found = {};
  const loaded = await kept(page);
  await step(page, found, "press", () => page.mouse.click(300, 300));
  await page.context().close();
  return { lcp: loaded.lcp, inp: found.press.ms };
}

const result = { browser: browser.version(), live: {}, reload: [], floor: [], loads: {}, visits: [] };
try {
  for (const [name, { path, items }] of Object.entries(asked.live))
    result.live[name] = await live(path, items);
  if (asked.reload) result.reload = await reloaded(asked.reload.path, asked.reload.items);
  for (let round = 0; round < asked.loads; round++) {
    result.floor.push(await floor());
    for (const [name, { path, member }] of Object.entries(asked.pages)) {
      for (const language of LANGUAGES) {
        const found = await load(path.replace("{words}", asked.words[language]), language, member);
        ((result.loads[name] ??= {})[language] ??= []).push(found);
      }
    }
    console.error(`web: loads ${round + 1} of ${asked.loads}`);
  }
  for (let round = 0; round < asked.visits; round++) {
    for (const language of LANGUAGES) {
      const steps = {};
      const guest = await guestVisit(language, steps);
      const member = await memberVisit(language, steps);
      result.visits.push({ language, steps, guest, member });
    }
    console.error(`web: visits ${round + 1} of ${asked.visits}`);
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(result));
