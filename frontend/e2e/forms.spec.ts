import { expect, test, type Locator, type Page } from "@playwright/test";

import { HOSTILE, INVISIBLE, LONG, newcomer, staysItself, told, watch, WORD } from "./hostile";
import { DEMO_PASSWORD, member, PASSWORD, unique, visitor } from "./people";

const field = (page: Page, name: string) =>
  page.locator(`main [name="${name}"], [role=dialog] [name="${name}"]`);
const submit = (page: Page) =>
  page.locator("main form:not([role=search]) button[type=submit]").first().click();
const yes = (page: Page) => page.locator("[role=dialog] > div").last().locator("button").last().click();
const dialogText = (page: Page) => page.locator("[role=dialog] textarea");

async function keeps(control: Locator, text: string) {
  await expect(control).toHaveValue(
    text.replaceAll("\n", (await control.evaluate((one) => one.tagName)) === "INPUT" ? "" : "\n"),
  );
}

test("hostile words at the door: login, registration, a lost password, a search", async ({ browser }) => {
  const page = await (await visitor(browser, { language: "ar", width: 360, height: 780 })).newPage();
  watch(page);
  await page.goto("/login");
  await field(page, "username").fill(HOSTILE);
  await field(page, "password").fill(HOSTILE);
  await submit(page);
  await told(page);
  await keeps(field(page, "username"), HOSTILE);

  await page.goto("/forgot-password");
  await field(page, "email").fill(`"${INVISIBLE}"@x`);
  await submit(page);
  await told(page);

  await page.goto("/reset-password?uid=%3Cscript%3E&token=%F0%9F%91%A9");
  await field(page, "new_password").fill(PASSWORD);
  await field(page, "new_password2").fill(PASSWORD);
  await submit(page);
  await told(page);
  await keeps(field(page, "new_password"), PASSWORD);

  await page.goto("/register?type=freelancer");
  await field(page, "first_name").fill(HOSTILE);
  await field(page, "last_name").fill(INVISIBLE);
  await field(page, "username").fill("client");
  await field(page, "email").fill(`${unique()}@example.org`);
  await field(page, "password").fill(PASSWORD);
  await field(page, "password2").fill(PASSWORD);
  await submit(page);
  await told(page);
  await expect(field(page, "username")).toHaveAttribute("aria-invalid", "true");
  await keeps(field(page, "first_name"), HOSTILE);

  for (const path of ["/tasks", "/freelancers", "/"]) {
    await page.goto(path);
    const search = page.locator("main input[type=search]").first();
    await search.fill(`${HOSTILE}\uD83D`);
    await search.press("Enter");
    await page.waitForURL(/search=/);
    await staysItself(page);
  }
  await page.goto(
    `/tasks?search=${encodeURIComponent(WORD)}&city=${encodeURIComponent(LONG)}&min_budget=x&page=-1`,
  );
  await staysItself(page);
});

test("hostile words in a task: posted, applied to, refused, changed, cancelled, reviewed", async ({
  browser,
}) => {
  const owner = await newcomer(browser, "client", { language: "en" });
  const worker = await newcomer(browser, "freelancer", { language: "ar" });
  const { page } = owner;
  await page.goto("/tasks/new");
  await field(page, "title").fill(INVISIBLE);
  await field(page, "description").fill(LONG);
  await field(page, "category").selectOption({ index: 1 });
  await field(page, "budget").fill("١٬٢٥٠");
  await field(page, "is_remote").uncheck();
  await field(page, "city").fill(HOSTILE);
  await field(page, "location").fill(HOSTILE);
  await field(page, "estimated_duration").fill(HOSTILE);
  await page.locator("main input[type=file]").setInputFiles([
    { name: "\u202Egnp.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") },
    { name: "big.png", mimeType: "image/png", buffer: Buffer.alloc(11 * 1024 * 1024) },
  ]);
  await told(page, "Only pictures");
  await submit(page);
  await told(page, /letters/);
  await keeps(field(page, "description"), LONG);
  await field(page, "title").fill(HOSTILE);
  await submit(page);
  await expect(page).toHaveURL(/\/tasks\/\d+$/);
  await staysItself(page);
  const id = Number(/\d+$/.exec(page.url())?.[0]);

  await page.goto(`/tasks/${id}/edit`);
  await keeps(field(page, "title"), HOSTILE.trim());
  await field(page, "title").fill(`${HOSTILE} ${"x".repeat(100)}`);
  await submit(page);
  await expect(page).toHaveURL(/\/tasks\/\d+$/);

  const theirs = worker.page;
  await theirs.goto(`/tasks/${id}`);
  await staysItself(theirs);
  await field(theirs, "proposal").fill(INVISIBLE);
  await field(theirs, "offered_price").fill("٤٥٠٫٥");
  await field(theirs, "estimated_time").fill(HOSTILE);
  await field(theirs, "cover_letter").fill(LONG);
  await submit(theirs);
  await told(theirs);
  await keeps(field(theirs, "cover_letter"), LONG);
  await field(theirs, "proposal").fill(LONG);
  await submit(theirs);
  await expect(theirs.locator('main [name="proposal"]')).toHaveCount(0);

  await theirs.goto("/applications");
  await theirs.locator("main li button").first().click();
  await field(theirs, "offered_price").fill("كثير");
  await theirs.locator("[role=dialog] button[type=submit]").click();
  await told(theirs);
  await field(theirs, "offered_price").fill("460");
  await theirs.locator("[role=dialog] button[type=submit]").click();
  await expect(theirs.getByRole("dialog")).toHaveCount(0);
  await staysItself(theirs);

  await page.goto(`/tasks/${id}/applications`);
  await staysItself(page);
  await page.getByRole("button", { name: "Turn down" }).first().click();
  await dialogText(page).fill(HOSTILE);
  await page.keyboard.press("Escape");
  await page
    .getByRole("button", { name: /^accept/i })
    .first()
    .click();
  await yes(page);
  await expect(page.getByRole("dialog")).toHaveCount(0);

  const delivered = await theirs.request.post(`/api/tasks/${id}/deliver/`, { headers: worker.headers });
  expect(delivered.ok(), await delivered.text()).toBe(true);
  await page.goto(`/tasks/${id}`);
  await page.getByRole("button", { name: "Ask for changes" }).click();
  await yes(page);
  await told(page, "fill this in");
  await dialogText(page).fill(LONG.slice(0, 500));
  await yes(page);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: "Complete task" }).click();
  await yes(page);
  await page.locator('[name=rating][value="4"]').check({ force: true });
  await page.locator("main form textarea").fill(LONG);
  await submit(page);
  await expect(page.locator("main form textarea")).toHaveCount(0);
  await staysItself(page);
  for (const path of [`/users/${owner.id}`, `/users/${worker.id}`, "/notifications", "/dashboard"]) {
    await theirs.goto(path);
    await staysItself(theirs);
  }
});

test("hostile words in a conversation, and files that are none", async ({ browser }) => {
  const one = await newcomer(browser, "freelancer", { language: "ar" });
  const two = await newcomer(browser, "client", { language: "en" });
  const opened = await one.page.request.post("/api/messages/conversations/", {
    headers: one.headers,
    data: { participant: two.id },
  });
  const { id } = (await opened.json()) as { id: number };
  const { page } = one;
  await page.goto(`/messages/${id}`);
  const area = page.locator("form textarea");
  const file = page.locator("form input[type=file]");
  await area.fill(LONG);
  await area.press("Enter");
  await expect(page.locator("ol li p").filter({ hasText: WORD })).toBeVisible();
  await staysItself(page);
  await file.setInputFiles({
    name: "big.pdf",
    mimeType: "application/pdf",
    buffer: Buffer.alloc(11 * 1024 * 1024),
  });
  await told(page);
  await file.setInputFiles({
    name: "\u202Efdp.exe",
    mimeType: "application/pdf",
    buffer: Buffer.from([77, 90, 0, 255, 254, 1]),
  });
  await area.fill(HOSTILE);
  await area.press("Enter");
  await told(page);
  await expect(page.locator("ol")).toContainText("شغل");
  await two.page.goto("/messages");
  await staysItself(two.page);
  await two.page.goto(`/messages/${id}`);
  await expect(two.page.locator("ol")).toContainText("<script>");
  await staysItself(two.page);
});

test("hostile words about oneself: first steps, profile, address, password, hours, the assistant", async ({
  browser,
}) => {
  const { page, id } = await newcomer(browser, "freelancer", { language: "ar" });
  await page.goto("/onboarding");
  await submit(page);
  await page.locator("main [role=combobox]").fill(HOSTILE);
  await staysItself(page);
  const arrives = (step: number) =>
    expect(page.locator(`main ol > li:nth-child(${step})[aria-current=step]`)).toBeAttached();
  for (const step of [3, 4]) {
    await page.locator("main button").last().click();
    await arrives(step);
  }
  await page.locator("main form input").first().fill("كثير");
  await page.locator("main form input").last().fill("٥٢٠");
  await submit(page);
  await told(page);
  await page.locator("main form input").first().fill("٩٠٠");
  await submit(page);
  await told(page);
  await page.locator("main form input").first().fill("٥٢٠");
  await submit(page);
  await arrives(5);
  await page.locator("main form input:not([type=checkbox])").fill(HOSTILE);
  await submit(page);
  await expect(page.locator("main form")).toHaveCount(0);

  await page.goto("/profile");
  await field(page, "bio").fill(LONG);
  await field(page, "city").fill(HOSTILE);
  await field(page, "phone_number").fill("‮not a number");
  await submit(page);
  await told(page);
  await keeps(field(page, "bio"), LONG);
  await field(page, "phone_number").fill("");
  await submit(page);
  await expect(page.locator("[data-sonner-toast]").first()).toBeVisible();
  await page
    .locator("main input[type=file]")
    .setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await told(page);
  await page.goto(`/users/${id}`);
  await staysItself(page);

  await page.goto("/settings");
  await field(page, "email").fill("client@");
  await submit(page);
  await told(page);
  await page.goto("/settings/security");
  await field(page, "old_password").fill(HOSTILE);
  await field(page, "new_password").fill(PASSWORD + "9");
  await field(page, "new_password2").fill(PASSWORD + "9");
  await submit(page);
  await told(page);
  await expect(field(page, "old_password")).toHaveAttribute("aria-invalid", "true");
  await page.locator("main section").last().locator("button").click();
  await yes(page);
  await told(page);
  await page.locator("[role=dialog] input").fill(HOSTILE);
  await yes(page);
  await told(page);
  await page.goto("/settings/notifications");
  await page.locator("main [type=time]").first().fill("22:00");
  await submit(page);
  await told(page);

  await page.goto("/help");
  await page.locator("button.fixed").click();
  await dialogText(page).fill(HOSTILE);
  await page.locator("[role=dialog] button[type=submit]").click();
  await expect(page.locator("[role=dialog] ol li")).toHaveCount(2);
  await staysItself(page);
});

test("a login that ends is asked for over the page, which keeps what was typed", async ({ browser }) => {
  const context = await member(browser, "client", { language: "ar" });
  const page = await context.newPage();
  await page.goto("/profile");
  const bio = await field(page, "bio").inputValue();
  await field(page, "bio").fill(LONG);
  await context.clearCookies();
  await page.route("**/api/auth/user/", (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({ status: 401, json: { detail: "Expired.", code: "token_not_valid" } })
      : route.continue(),
  );
  await submit(page);
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.unroute("**/api/auth/user/");
  await expect(field(page, "username")).toHaveValue("client");
  await field(page, "password").fill("wrong");
  await page.locator("[role=dialog] button[type=submit]").click();
  await told(page);
  await field(page, "password").fill(DEMO_PASSWORD);
  await page.locator("[role=dialog] button[type=submit]").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/profile$/);
  await keeps(field(page, "bio"), LONG);
  await field(page, "bio").fill(bio);
});
