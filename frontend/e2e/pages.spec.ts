import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type BrowserContext, type Page } from "@playwright/test";

import { everyPage, type Shown } from "./pages";
import { faultsOf, member, settled, visitor, type Look } from "./people";

// Each look takes more than a minute: E2E_ALL=1 takes the dark ones too.
const LOOKS: (Look & { name: string })[] = [
  { name: "Arabic, light, phone", language: "ar", theme: "light", width: 360, height: 740 },
  { name: "English, light, wide", language: "en", theme: "light" },
];
if (process.env.E2E_ALL) {
  LOOKS.push({ name: "Arabic, dark, wide", language: "ar", theme: "dark" });
  LOOKS.push({ name: "English, dark, phone", language: "en", theme: "dark", width: 360, height: 740 });
}
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What stands outside the width of the page, where nothing scrolls there on purpose. */
const outside = (page: Page) =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > wide + 1 ? ["the page scrolls sideways"] : [];
    for (const element of document.querySelectorAll("main *, header *, footer *")) {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || (box.left >= -1 && box.right <= wide + 1)) continue;
      if (element.closest(".sr-only") || getComputedStyle(element).position === "fixed") continue;
      let scroller = element.parentElement;
      while (scroller && !/auto|scroll|hidden|clip/.test(getComputedStyle(scroller).overflowX))
        scroller = scroller.parentElement;
      if (!scroller) found.push(`<${element.localName} class="${element.getAttribute("class") ?? ""}">`);
    }
    return found.slice(0, 5);
  });

async function faultsAt(page: Page, shown: Shown, look: Look): Promise<string[]> {
  const told = faultsOf(page);
  await page.goto(shown.path);
  await expect(page.locator("h1, main [role=alert] h2, main h2").first()).toBeVisible();
  await settled(page);
  const found = [...told];
  const text = await page.locator("body").innerText();
  // A key in place of its text: "tasks:form.title", "nav.skip".
  for (const [key] of text.matchAll(
    /\b[a-z]+:[a-z]+(\.[a-zA-Z]+)+\b|\b(?:nav|action|form|errors)\.[a-zA-Z]+\b/g,
  ))
    found.push(`untranslated: ${key}`);
  if ((await page.locator("html").getAttribute("dir")) !== (look.language === "ar" ? "rtl" : "ltr"))
    found.push("the direction is the other language's");
  if (!/· Multitask$|^Multitask/.test(await page.title())) found.push(`the title is ${await page.title()}`);
  found.push(...(await outside(page)).map((what) => `outside: ${what}`));
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  for (const { id, nodes } of violations)
    found.push(
      ...nodes
        .slice(0, 4)
        .map(
          (node) =>
            `${id}: ${node.html.slice(0, 160)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`,
        ),
    );
  return found.map((fault) => `${shown.name}: ${fault}`);
}

// A trace of so many pages takes longer than looking at them.
test.use({ trace: "off" });

for (const look of LOOKS) {
  test(`every page is accessible and whole: ${look.name}`, async ({ browser, request }) => {
    test.setTimeout(600_000);
    const pages = await everyPage(request);
    const faults: string[] = [];
    for (const as of [null, "client", "freelancer"] as const) {
      const context: BrowserContext = as ? await member(browser, as, look) : await visitor(browser, look);
      for (const shown of pages.filter((one) => one.as === as)) {
        const page = await context.newPage();
        faults.push(
          ...(await faultsAt(page, shown, look).catch((error: unknown) => [
            `${shown.name}: ${String(error).slice(0, 300)}`,
          ])),
        );
        await page.close();
      }
      await context.close();
    }
    expect(faults, faults.join("\n")).toEqual([]);
  });
}
