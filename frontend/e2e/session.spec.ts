import { expect, test, type Browser } from "@playwright/test";

import { member, settled, visitor, DEMO_PASSWORD } from "./people";

test("a login leads back to where it was asked for, lasts over a reload, and ends", async ({ browser }) => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto("/messages");
  await expect(page).toHaveURL(/\/login\?next=%2Fmessages$/);
  await page.getByLabel("User name or e-mail").fill("both");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("User name or e-mail")).toHaveValue("both");
  await page.getByLabel("Password", { exact: true }).fill(DEMO_PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page).toHaveURL(/\/messages/);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Messages" }).first()).toBeVisible();
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(kept).not.toMatch(/eyJ/);
  await page.getByRole("button", { name: /Account of/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByRole("link", { name: "Log in" })).toBeVisible();
  await page.goto("/messages");
  await expect(page).toHaveURL(/\/login/);
});

test("a token that runs out is renewed once for all that need it, unseen", async ({ browser }) => {
  const context = await member(browser, "freelancer");
  const page = await context.newPage();
  await page.goto("/dashboard");
  // Who this is must be known: a refusal before that is that of a login which is over.
  await expect(page.getByRole("link", { name: /^Notifications/ })).toBeVisible();
  await settled(page);
  const refused = new Set<string>();
  let renewed = 0;
  await page.route("**/api/**", async (route) => {
    const request = route.request();
    if (request.url().includes("/auth/token/refresh/")) {
      renewed += 1;
      return route.continue();
    }
    const key = request.method() + request.url();
    if (renewed === 0 && !refused.has(key)) {
      refused.add(key);
      return route.fulfill({ status: 401, json: { detail: "Expired.", code: "token_not_valid" } });
    }
    return route.continue();
  });
  // What this page shows was not fetched before.
  await page.getByRole("link", { name: /^Notifications/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Notifications" })).toBeVisible();
  await settled(page);
  await expect.poll(() => refused.size).toBeGreaterThan(0);
  await expect.poll(() => renewed).toBe(1);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a login that is over is asked for over the page, which stays as it is", async ({ browser }) => {
  const context = await member(browser, "client");
  const page = await context.newPage();
  await page.goto("/tasks/new");
  await page.getByLabel("Title").fill("A shelf for the kitchen");
  await context.clearCookies();
  await page.route("**/api/tasks/**", (route) =>
    route.fulfill({ status: 401, json: { detail: "Expired.", code: "token_not_valid" } }),
  );
  await page.getByLabel("Description").fill("Oak, 120 cm.");
  const asked = page.getByRole("dialog", { name: "Your login has ended" });
  await expect(asked).toBeVisible();
  await page.unroute("**/api/tasks/**");
  await expect(asked.getByLabel("User name or e-mail")).toHaveValue("client");
  await asked.getByLabel("Password", { exact: true }).fill(DEMO_PASSWORD);
  await asked.getByRole("button", { name: "Log in" }).click();
  await expect(asked).toHaveCount(0);
  await expect(page).toHaveURL(/\/tasks\/new$/);
  await expect(page.getByLabel("Title")).toHaveValue("A shelf for the kitchen");
  await expect(page.getByLabel("Description")).toHaveValue("Oak, 120 cm.");
});

/** The freelancer's browser, a conversation with the client, and how the client writes into it. */
async function talk(browser: Browser) {
  const one = await member(browser, "client");
  const two = await member(browser, "freelancer");
  const login = async (username: string) => {
    const answer = await one.request.post("/api/auth/login/", {
      data: { username, password: DEMO_PASSWORD },
    });
    return (await answer.json()) as { access_token: string; user: { id: number } };
  };
  const { user } = await login("freelancer");
  const headers = { Authorization: `Bearer ${(await login("client")).access_token}` };
  const opened = await one.request.post("/api/messages/conversations/", {
    headers,
    data: { participant: user.id },
  });
  const { id } = (await opened.json()) as { id: number };
  const write = async (content: string) => {
    const answer = await one.request.post(`/api/messages/conversations/${id}/messages/`, {
      headers,
      data: { content, client_id: crypto.randomUUID() },
    });
    expect(answer.status()).toBe(201);
  };
  return { two, id, write };
}

test("what happens before the first connection is seen too", async ({ browser }) => {
  const { two, id, write } = await talk(browser);
  const page = await two.newPage();
  let written = false;
  await page.route("**/auth/ws-ticket/", async (route) => {
    await expect.poll(() => written, { timeout: 15_000 }).toBe(true);
    await route.continue();
  });
  await page.goto(`/messages/${id}`);
  await expect(page.getByRole("textbox", { name: "Write a message" })).toBeVisible();
  await settled(page);
  const text = `before any socket ${Date.now()}`;
  await write(text);
  written = true;
  await expect(page.getByText(text).first()).toBeVisible();
});

test("what was missed without a connection is there when it is back, and waiting messages go out", async ({
  browser,
}) => {
  const { two, id, write } = await talk(browser);
  const page = await two.newPage();
  await page.goto(`/messages/${id}`);
  await expect(page.getByRole("textbox", { name: "Write a message" })).toBeVisible();
  await settled(page);
  await two.setOffline(true);
  await expect(page.getByText("You are offline.", { exact: false })).toBeVisible();
  const mark = Date.now();
  await page.getByRole("textbox", { name: "Write a message" }).fill(`from the tunnel ${mark}`);
  await page.keyboard.press("Enter");
  await expect(page.getByText("waits for the network").first()).toBeAttached({ timeout: 30_000 });
  for (const number of [1, 2, 3]) await write(`missed ${number} of ${mark}`);
  await two.setOffline(false);
  for (const number of [1, 2, 3])
    await expect(page.getByText(`missed ${number} of ${mark}`).first()).toBeVisible({ timeout: 45_000 });
  await expect(page.getByText("waits for the network")).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByText(`from the tunnel ${mark}`).first()).toBeVisible();
  await expect(page.getByText("You are offline.", { exact: false })).toHaveCount(0);
});

test("the other language and colours come without a reload and stay", async ({ browser }) => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto("/tasks");
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  await page.getByRole("button", { name: "العربية" }).click();
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(
    page.getByRole("heading", { level: 1, name: "تصفح المهام" }).or(page.locator("h1")),
  ).toHaveText(/[\u0600-\u06ff]/);
  expect(await page.evaluate(() => "stayed" in window)).toBe(true);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "ar");
});
