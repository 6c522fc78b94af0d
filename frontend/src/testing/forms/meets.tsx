import { configure, fireEvent, waitFor } from "@testing-library/react";
import i18n from "i18next";
import { http, HttpResponse, type RequestHandler } from "msw";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";

import { useSession } from "@/lib/session";

import { renderAt, signIn } from "../render";
import { server } from "../server";
import { ANSWERS, HOSTILE, SAID, told } from "./answers";

// Forms of many fields, on a machine with other things to do.
configure({ asyncUtilTimeout: 6000 });
const PATIENCE_MS = 30_000;

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type FieldOf = {
  css: string;
  /** What the form takes. */
  good: string;
  /** Whether people write in it as they like: then hostile text follows what is good. */
  free?: boolean;
  /** The length that the page itself watches over. */
  limit?: number;
  /** Whether the page itself asks for it. */
  required?: boolean;
};

/** One form: how it is opened and filled, and what it sends. `fields` by the names that the API has for them. */
export type Form = {
  name: string;
  page: () => ReactNode;
  path?: string;
  at?: string;
  guest?: boolean;
  given?: () => RequestHandler[];
  open?: () => Promise<void>;
  fields: Record<string, FieldOf>;
  /** Has no place under its field: what is wrong is told beside it. */
  bare?: boolean;
  submit: string;
  method: "post" | "patch" | "delete";
  url: string;
};

export const found = async <T extends Element = HTMLElement>(css: string): Promise<T> =>
  waitFor(() => {
    const element = document.querySelector<T>(css);
    if (!element) throw new Error(`There is no ${css}`);
    return element;
  });

export const press = async (css: string) => void fireEvent.click(await found(css));

const write = async (css: string, value: string) =>
  void fireEvent.change(await found<Control>(css), { target: { value } });

/** What stands under a field, as it is read out with it. */
const underOf = (css: string) => {
  const ids = document.querySelector(css)?.getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
};
const alerts = () => [...document.querySelectorAll("[role=alert]")].map((one) => one.textContent).join(" · ");

async function show(form: Form, language: string) {
  await i18n.changeLanguage(language);
  if (!form.guest) signIn();
  server.use(...(form.given?.() ?? []));
  renderAt(form.page(), { path: form.path ?? "/", at: form.at ?? form.path ?? "/" });
  await form.open?.();
}

async function fill(form: Form) {
  const typed: Record<string, string> = {};
  for (const [name, { css, good, free }] of Object.entries(form.fields)) {
    typed[name] = free ? `${good} ${HOSTILE}` : good;
    await write(css, typed[name]);
  }
  return typed;
}

const expectKept = (form: Form, typed: Record<string, string>) => {
  for (const [name, { css }] of Object.entries(form.fields))
    expect(document.querySelector<Control>(css)?.value, `${name} is still there`).toBe(typed[name]);
  expect(document.querySelector("script, img[src=x]"), "words are words").toBeNull();
};

/** Every refusal, one after another, of a form that stays open. */
async function meetsRefusals(form: Form, language: "ar" | "en") {
  await show(form, language);
  const typed = await fill(form);
  const [first = ""] = Object.keys(form.fields);
  for (const answer of ANSWERS) {
    let asked = 0;
    server.use(
      http[form.method](form.url, ({ request }) => {
        asked += 1;
        return answer.give(first, request);
      }),
    );
    await press(form.submit);
    const words = answer.words(language);
    await waitFor(() => expect(alerts(), `${answer.name} is told`).toContain(words));
    if (answer.atField && !form.bare)
      expect(underOf(form.fields[first]?.css ?? ""), "told at its field").toContain(words);
    await waitFor(() => expect(document.querySelector("[aria-busy=true]")).toBeNull());
    expect(asked, `${answer.name}: asked once`).toBe(1);
    expectKept(form, typed);
  }
}

async function meetsASlowServer(form: Form, language: "ar" | "en") {
  await show(form, language);
  const typed = await fill(form);
  let asked = 0;
  let answer: (() => void) | undefined;
  const slow = new Promise<void>((done) => {
    answer = done;
  });
  server.use(
    http[form.method](form.url, async () => {
      asked += 1;
      await slow;
      return HttpResponse.json({ detail: told(SAID.changed, language), code: "x" }, { status: 409 });
    }),
  );
  const button = await found(form.submit);
  fireEvent.click(button);
  fireEvent.click(button);
  await waitFor(() => expect(button).toHaveAttribute("aria-busy", "true"));
  fireEvent.click(button);
  answer?.();
  await waitFor(() => expect(alerts()).toContain(told(SAID.changed, language)));
  expect(asked, "three presses are one request").toBe(1);
  expectKept(form, typed);
}

async function meetsTheEndOfALogin(form: Form, language: "ar" | "en") {
  await show(form, language);
  const typed = await fill(form);
  let renewals = 0;
  const seen: (string | null)[] = [];
  server.use(
    http.post("/api/auth/token/refresh/", () => {
      renewals += 1;
      return renewals === 1
        ? HttpResponse.json({ access: "fresh" })
        : HttpResponse.json({ detail: "-", code: "token_not_valid" }, { status: 401 });
    }),
    http[form.method](form.url, ({ request }) => {
      seen.push(request.headers.get("Authorization"));
      return seen.length === 2
        ? HttpResponse.json({ detail: told(SAID.changed, language), code: "x" }, { status: 409 })
        : HttpResponse.json({ detail: "Expired.", code: "token_not_valid" }, { status: 401 });
    }),
  );
  await press(form.submit);
  await waitFor(() => expect(alerts()).toContain(told(SAID.changed, language)));
  expect(seen, "sent again with the new token").toEqual(["Bearer access-token", "Bearer fresh"]);
  expectKept(form, typed);
  await waitFor(() => expect(document.querySelector("[aria-busy=true]")).toBeNull());
  await press(form.submit);
  await waitFor(() => expect(alerts()).toContain(i18n.t("common:errors.expired")));
  expect(useSession.getState()).toMatchObject({ state: "user", expired: "asked" });
  expectKept(form, typed);
}

/** What the page itself refuses: nothing is sent, and each field says in the user's language what it wants. */
async function meetsEmptyAndHuge(form: Form, language: "ar" | "en") {
  let asked = 0;
  await show(form, language);
  server.use(
    http[form.method](form.url, () => {
      asked += 1;
      return HttpResponse.json({}, { status: 500 });
    }),
  );
  const own = Object.values(form.fields);
  if (own.some((field) => field.required)) {
    for (const { css } of own) await write(css, "");
    await press(form.submit);
    for (const { css } of own.filter((field) => field.required))
      await waitFor(() => expect(underOf(css)).toMatch(language === "ar" ? /[\u0600-\u06ff]/ : /[a-z]/));
  }
  if (own.some((field) => field.limit)) {
    await fill(form);
    for (const { css, limit } of own) if (limit) await write(css, "ض".repeat(limit + 1));
    await press(form.submit);
    for (const { css, limit } of own)
      if (limit)
        await waitFor(() => expect(underOf(css)).toContain(i18n.t("common:form.tooLong", { count: limit })));
  }
  expect(asked).toBe(0);
}

/** The tests of a form, the same for all. */
export function meetsTheWorst(form: Form) {
  describe(form.name, () => {
    for (const language of ["en", "ar"] as const) {
      const test = (name: string, meet: typeof meetsRefusals) =>
        it(`${name}: ${language}`, () => meet(form, language), PATIENCE_MS);
      test("tells each refusal and keeps what was typed", meetsRefusals);
      if (Object.values(form.fields).some((field) => field.required || field.limit))
        test("says what is missing or too long, and sends nothing", meetsEmptyAndHuge);
      if (language === "en") continue;
      test("sends once, however often and fast it is pressed", meetsASlowServer);
      if (!form.guest) test("outlives the end of a login", meetsTheEndOfALogin);
    }
  });
}
