import { expect, type Browser, type Page } from "@playwright/test";

import { PASSWORD, settled, unique, visitor, type Look } from "./people";

const MARKUP = `<script>window.broken=1</script><img src=x onerror="window.broken=1"><b onclick="">`;
const TURNED = "\u202Eemit \u2066x";
const SIGNS = "👩🏽‍🚀🇪🇬 \u200B\u200C\u200D\uFEFF";

/** One word that is longer than any line. */
export const WORD = "ش".repeat(250) + "w".repeat(250);
/** For a short field, and for a long one. */
export const HOSTILE = `شغل ${TURNED} ${SIGNS} <img src=x onerror="window.broken=1">`;
export const LONG = `${MARKUP}\n${HOSTILE}\n${WORD}\n# [x](javascript:window.broken=1) {{name}} $t(x)`;
/** Nothing that can be seen. */
export const INVISIBLE = "\u200B\u200C\u200D\uFEFF";

type Kind = "client" | "freelancer" | "both";
export type Member = { page: Page; id: number; name: string; headers: Record<string, string> };

/** Somebody new, whose name is hostile, with a page on which no box of a script may open. */
export async function newcomer(browser: Browser, kind: Kind, look: Look): Promise<Member> {
  const context = await visitor(browser, { width: 360, height: 780, ...look });
  const name = `form-${kind}-${unique()}`;
  const answer = await context.request.post("/api/auth/register/", {
    data: {
      username: name,
      email: `${name}@example.org`,
      password: PASSWORD,
      password2: PASSWORD,
      first_name: HOSTILE,
      last_name: "\u202Eسعيد",
      user_type: kind,
      language: look.language ?? "ar",
    },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  const { access_token: access, user } = (await answer.json()) as {
    access_token: string;
    user: { id: number };
  };
  await context.addInitScript(() => localStorage.setItem("multitask.session", "1"));
  const page = await context.newPage();
  watch(page);
  return { page, id: user.id, name, headers: { Authorization: `Bearer ${access}` } };
}

export const watch = (page: Page) =>
  page.on("dialog", (dialog) => {
    void dialog.dismiss();
    throw new Error(`A script ran: ${dialog.message()}`);
  });

/** Words stayed words: nothing ran or was put in, nothing is wider than the page, nothing turns what stands around it. */
export async function staysItself(page: Page) {
  await settled(page);
  const found = await page.evaluate(() => {
    const turning = /[\u202A-\u202E\u2066-\u2068]/;
    const turned: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!turning.test(node.textContent ?? "")) continue;
      let at = node.parentElement;
      let alone = false;
      while (at) {
        const style = getComputedStyle(at);
        if (/isolate|plaintext/.test(style.unicodeBidi)) alone = true;
        // A line of its own holds nothing else that could be turned.
        if (!style.display.startsWith("inline")) alone ||= at.textContent === node.textContent;
        if (alone || !style.display.startsWith("inline")) break;
        at = at.parentElement;
      }
      if (!alone) turned.push(node.parentElement?.outerHTML.slice(0, 200) ?? "");
    }
    const root = document.documentElement;
    return {
      ran: "broken" in window,
      put: document.querySelectorAll('img[src="x"], main script, [href^="javascript:"]').length,
      wider: root.scrollWidth - root.clientWidth,
      turned,
    };
  });
  expect(found, page.url()).toEqual({ ran: false, put: 0, wider: 0, turned: [] });
}

/** What a form says, in the language of its page. */
export async function told(page: Page, words: RegExp | string = /[\u0600-\u06ff]/) {
  const alert = page.getByRole("alert").filter({ hasText: words }).first();
  await expect(alert).toBeVisible();
  await staysItself(page);
}
