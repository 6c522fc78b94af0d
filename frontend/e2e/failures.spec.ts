import { expect, test, type Page } from "@playwright/test";

import { member, settled, visitor } from "./people";

const HOSTILE = {
  script: `<script>window.broken=1</script><img src=x onerror="window.broken=1">`,
  override: "\u202Eemit\u202C \u2066x\u2069",
  emoji: "👩🏽‍🚀🇪🇬🦊",
  invisible: "\u200B\u200C\u200D\uFEFF",
  huge: "ض".repeat(30_000),
};

async function fill(page: Page, text: string) {
  await page.getByLabel("Title").fill(text);
  await page.getByLabel("Description").fill(text);
  await page.getByLabel("Category").selectOption({ index: 1 });
  await page.getByLabel("Budget").fill("500");
}

const ANSWERS = [
  [400, { detail: "Please check.", code: "validation_error", errors: { title: ["Not this."] } }, "Not this."],
  [403, { detail: "Not allowed to you.", code: "permission_denied" }, "Not allowed to you."],
  [404, { detail: "It is gone.", code: "not_found" }, "It is gone."],
  [409, { detail: "Changed meanwhile.", code: "conflict" }, "Changed meanwhile."],
  [413, "<html>Request Entity Too Large</html>", "This is too large to be sent"],
  [429, { detail: "Slow down.", code: "throttled" }, "Try again in 9 seconds"],
  [500, { detail: "", code: "server_error" }, "tell us this number: abc-1"],
] as const;

test("each refusal of the server is told in place, and nothing typed is lost", async ({ browser }) => {
  const context = await member(browser, "client");
  const page = await context.newPage();
  await page.goto("/tasks/new");
  await fill(page, "A painted wall, 12 m²");
  for (const [status, body, text] of ANSWERS) {
    await test.step(String(status), async () => {
      await page.route("**/api/tasks/", (route) =>
        route.request().method() === "POST"
          ? route.fulfill({
              status,
              headers: { "Retry-After": "9", "X-Request-ID": "abc-1" },
              ...(typeof body === "string" ? { body, contentType: "text/html" } : { json: body }),
            })
          : route.continue(),
      );
      await page.getByRole("button", { name: /^Post/ }).click();
      await expect(page.locator("main").getByText(text, { exact: false }).first()).toBeVisible();
      await expect(page.getByLabel("Title")).toHaveValue("A painted wall, 12 m²");
      await page.unroute("**/api/tasks/");
    });
  }
  // Without a network the site says so, and does it when the network is back.
  const title = `A painted wall ${Date.now()}`;
  await page.getByLabel("Title").fill(title);
  await context.setOffline(true);
  await expect(page.getByText("You are offline.", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: /^Post/ }).click();
  await expect(page.getByLabel("Title")).toHaveValue(title);
  await context.setOffline(false);
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
});

for (const language of ["en", "ar"] as const) {
  test(`hostile words are words: ${language}`, async ({ browser }) => {
    const context = await member(browser, "both", { language });
    const page = await context.newPage();
    for (const [name, text] of Object.entries(HOSTILE)) {
      await test.step(name, async () => {
        await page.goto("/tasks/new");
        const title = page.locator('main [name="title"]');
        await title.fill(text);
        await page.locator('main [name="description"]').fill(text);
        await page.locator('main [name="category"]').selectOption({ index: 1 });
        await page.locator('main [name="budget"]').fill("٥٠٠ ج");
        await page.locator('main button[type="submit"]').click();
        await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
        await page.locator('main [name="budget"]').fill("500");
        await page.locator('main button[type="submit"]').click();
        // Kept as words, or refused in place.
        await expect
          .poll(
            async () =>
              /\/tasks\/\d+$/.test(page.url()) || (await page.locator("main [role=alert]").count()) > 0,
          )
          .toBe(true);
        await settled(page);
        expect(await page.evaluate(() => "broken" in window)).toBe(false);
        expect(
          await page.evaluate(
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
          ),
        ).toBe(true);
      });
    }
  });
}

test("a list that does not come says so and can be asked for again", async ({ browser }) => {
  const page = await (await visitor(browser, { language: "ar" })).newPage();
  await page.route("**/api/tasks/?*", (route) => route.fulfill({ status: 503, body: "" }));
  await page.route("**/api/tasks/", (route) => route.fulfill({ status: 503, body: "" }));
  await page.goto("/tasks");
  await expect(page.getByRole("alert")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("alert")).toHaveText(/[\u0600-\u06ff]/);
  await page.unrouteAll();
  await page.getByRole("alert").getByRole("button").click();
  await expect(page.locator("main article").first()).toBeVisible();
});

test("a slow answer shows what is coming", async ({ browser }) => {
  const page = await (await visitor(browser)).newPage();
  await page.route("**/api/tasks/*", async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  await page.goto("/tasks");
  await expect(page.getByText("Loading…").first()).toBeAttached();
  await expect(page.locator("main article").first()).toBeVisible();
});

test("without a network the site says so in its own words, and is back with it", async ({ browser }) => {
  const context = await visitor(browser, {}, { serviceWorkers: "allow" });
  const page = await context.newPage();
  await page.goto("/help");
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect.poll(() => page.evaluate(() => !!navigator.serviceWorker.controller)).toBe(true);
  await context.setOffline(true);
  await page.goto("/tasks");
  await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
  await context.setOffline(false);
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Browse tasks" })).toBeVisible();
});
