import { expect, test, type Page } from "@playwright/test";

import { faultsOf, PASSWORD, unique, visitor } from "./people";

async function register(page: Page, name: string, type: string, first: string) {
  await page.goto("/register");
  await page.getByRole("radio", { name: type, exact: false }).first().check();
  await page.getByLabel("First name").fill(first);
  await page.getByLabel("Last name").fill("Salem");
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail").fill(`${name}@example.org`);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/onboarding$/);
}

const go = (page: Page) => page.getByRole("button", { name: "Continue" }).click();

test("from a new account to both reviews, in two browsers", async ({ browser }) => {
  test.setTimeout(300_000);
  const mark = unique();
  const worker = await (await visitor(browser)).newPage();
  const client = await (await visitor(browser)).newPage();
  const faults = [...[worker, client].map(faultsOf)];

  await test.step("a freelancer registers and says what they can do", async () => {
    await register(worker, `worker-${mark}`, "I am looking for work", "Mona");
    await go(worker);
    await expect(worker.getByRole("heading", { name: "What can you do?" })).toBeVisible();
    const search = worker.getByRole("combobox", { name: "Add a skill" });
    for (const skill of ["Logo Design", "Illustrator"]) {
      await search.fill(skill);
      await worker.getByRole("option", { name: skill, exact: false }).first().click();
      await expect(worker.getByRole("listitem").filter({ hasText: skill }).first()).toBeVisible();
    }
    await go(worker);
    await worker.getByRole("checkbox").first().check();
    await go(worker);
    await worker.getByLabel("From (EGP)").fill("100");
    await go(worker);
    await worker.getByLabel("City").fill("Cairo");
    await go(worker);
    await worker.getByRole("button", { name: "Finish" }).click();
    await expect(worker).toHaveURL(/\/recommendations$/);
    await expect(worker.getByRole("heading", { level: 1 })).toBeVisible();
  });

  await test.step("a client registers", async () => {
    await register(client, `client-${mark}`, "I need work done", "Karim");
    await go(client);
    await client.getByLabel("City").fill("Giza");
    await go(client);
    await client.getByRole("button", { name: "Finish" }).click();
    await expect(client).toHaveURL(/\/tasks\/new$/);
  });

  const title = `Logo design for a bakery ${mark}`;
  await test.step("posts a task, and it reaches the freelancer without a reload", async () => {
    await client.getByLabel("Title").fill(title);
    await client
      .getByLabel("Description")
      .fill("A logo in Adobe Illustrator for a bakery in Maadi, with its colours and a version for signs.");
    await client.getByLabel("Category").selectOption({ index: 1 });
    const skills = client.getByRole("combobox", { name: "Skills" });
    for (const skill of ["Logo Design", "Illustrator"]) {
      await skills.fill(skill);
      await client.getByRole("option", { name: skill, exact: false }).first().click();
    }
    await client.getByLabel("Budget").fill("1500");
    await client.getByRole("button", { name: "Post", exact: true }).click();
    await expect(client).toHaveURL(/\/tasks\/\d+$/);
    await expect(worker.getByRole("link", { name: title }).first()).toBeVisible({ timeout: 45_000 });
  });

  await test.step("the freelancer applies", async () => {
    await worker.getByRole("link", { name: title }).first().click();
    await expect(worker.getByRole("heading", { level: 1, name: title })).toBeVisible();
    await worker.getByLabel("Your proposal").fill("Three drafts, then the one you like <b>best</b>. 🎨");
    await worker.getByLabel("How long").fill("3 days");
    await worker.getByRole("button", { name: "Send application" }).click();
    await expect(worker.getByText("You have applied to this task.")).toBeVisible();
  });

  await test.step("the client is told live, and accepts", async () => {
    await expect(client.getByRole("link", { name: /Notifications — / })).toBeVisible({ timeout: 30_000 });
    await client.getByRole("link", { name: /Show .*application/ }).click();
    await expect(
      client.getByText("Three drafts, then the one you like <b>best</b>. 🎨").first(),
    ).toBeVisible();
    await client.getByRole("button", { name: "Accept" }).first().click();
    await client
      .getByRole("dialog")
      .or(client.getByRole("alertdialog"))
      .getByRole("button", { name: "Accept" })
      .click();
    await expect(client.getByText("Mona Salem is chosen.")).toBeVisible();
  });

  await test.step("both write to each other", async () => {
    await client.goto("/messages");
    await client
      .getByRole("link", { name: /Mona Salem/ })
      .first()
      .click();
    await client.getByRole("textbox", { name: "Write a message" }).fill("مرحبًا! When can you begin?");
    await client.keyboard.press("Enter");
    await expect(worker.getByRole("link", { name: /Messages — / }).first()).toBeVisible({ timeout: 15_000 });
    await worker
      .getByRole("link", { name: /Messages/ })
      .first()
      .click();
    await worker
      .getByRole("link", { name: /Karim Salem/ })
      .first()
      .click();
    const thread = worker.getByRole("region", { name: /Conversation with/ });
    await expect(thread.getByText("مرحبًا! When can you begin?")).toBeVisible();
    await worker.getByRole("textbox", { name: "Write a message" }).fill("Tomorrow <script>alert(1)</script>");
    await worker.getByRole("button", { name: "Send", exact: true }).click();
    await expect(
      client
        .getByRole("region", { name: /Conversation with/ })
        .getByText("Tomorrow <script>alert(1)</script>"),
    ).toBeVisible({ timeout: 10_000 });
    await expect(worker.getByText("read", { exact: true }).first()).toBeAttached();
  });

  await test.step("the work is delivered and completed", async () => {
    await worker
      .getByRole("region", { name: /Conversation with/ })
      .getByRole("link", { name: title })
      .click();
    await worker.getByRole("button", { name: "The work is delivered" }).click();
    await expect(worker.getByText("Delivered. The client looks at it now.")).toBeVisible();
    await client
      .getByRole("region", { name: /Conversation with/ })
      .getByRole("link", { name: title })
      .click();
    await expect(client.getByText("The work was delivered.", { exact: false })).toBeVisible();
    await client.getByRole("button", { name: "Complete task" }).click();
    await client
      .getByRole("dialog")
      .or(client.getByRole("alertdialog"))
      .getByRole("button", { name: "Complete" })
      .click();
    await expect(client.getByText("This task is completed.")).toBeVisible();
  });

  await test.step("both review", async () => {
    for (const page of [client, worker]) {
      await page.reload();
      await page.getByRole("group", { name: "Overall" }).getByLabel("5 stars").check({ force: true });
      await page.getByLabel("In words").fill("Good work together, any time again.");
      await page.getByRole("button", { name: "Send review" }).click();
      await expect(page.getByText("Thank you. Your review is kept.")).toBeVisible();
    }
    await client.reload();
    await expect(client.getByText("Good work together, any time again.")).toHaveCount(2);
  });
  expect(faults.flat()).toEqual([]);
});
