import { fileURLToPath } from "node:url";

import { test } from "@playwright/test";

import { everyPage } from "./pages";
import { member, settled, visitor, type Look } from "./people";

// The pictures of the README: `npm run screenshots`.
const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const PICTURES: { page: string; file: string; look: Look }[] = [
  { page: "landing", file: "landing-ar", look: { language: "ar" } },
  { page: "browse", file: "browse-light", look: { language: "en" } },
  { page: "recommendations", file: "for-you-dark", look: { language: "en", theme: "dark" } },
  { page: "conversation", file: "messages-ar", look: { language: "ar" } },
  { page: "dashboard-client", file: "dashboard-light", look: { language: "en" } },
  { page: "task", file: "task-phone-ar", look: { language: "ar", width: 360, height: 740 } },
  {
    page: "notifications",
    file: "notifications-phone-dark",
    look: { theme: "dark", width: 360, height: 740 },
  },
];

for (const { page: name, file, look } of PICTURES) {
  test(file, async ({ browser, request }) => {
    const shown = (await everyPage(request)).find((one) => one.name === name);
    if (!shown) throw new Error(`No page ${name}.`);
    const context = shown.as ? await member(browser, shown.as, look) : await visitor(browser, look);
    const page = await context.newPage();
    await page.goto(shown.path);
    await page.locator("h1, h2").first().waitFor();
    await settled(page);
    await page.screenshot({ path: `${FOLDER}${file}.png`, animations: "disabled" });
  });
}
