import { fireEvent, waitFor } from "@testing-library/react";
import i18n from "i18next";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";

import { useLive } from "@/api/liveState";
import { useOutgoing } from "@/features/messages/api/outgoing";
import { Thread } from "@/features/messages/components/Thread";
import { useSession } from "@/lib/session";

import { renderAt, signIn, someone } from "../render";
import { server } from "../server";
import { ANSWERS, HOSTILE } from "./answers";
import { found, press } from "./meets";

const MESSAGES = "/api/messages/conversations/5/messages/";
const FIRST = "[role=alert] button";

beforeEach(() => {
  signIn();
  useOutgoing.setState({ messages: [] });
  const other = someone({ id: 2, username: "karim" });
  server.use(
    http.get("/api/messages/conversations/5/", () =>
      HttpResponse.json({
        id: 5,
        participants: [someone(), other],
        other: { user: 2, online: false, last_seen: null, delivered_up_to: 0, read_up_to: 0 },
        task: null,
        is_active: true,
        unread_count: 0,
        read_up_to: 0,
        last_message: null,
      }),
    ),
    http.get(MESSAGES, () => HttpResponse.json({ next: null, previous: null, results: [] })),
  );
});

const show = async (language: string) => {
  await i18n.changeLanguage(language);
  renderAt(<Thread id={5} me={1} />);
  return found<HTMLTextAreaElement>("textarea");
};
const texts = () => document.querySelector("ol")?.textContent ?? "";

it.each(["en", "ar"])(
  "keeps a message that was not sent, says why and sends it again: %s",
  async (language) => {
    const area = await show(language);
    let answer = ANSWERS[0];
    const ids = new Set<unknown>();
    server.use(
      http.post(MESSAGES, async ({ request }) => {
        ids.add(((await request.clone().json()) as { client_id: string }).client_id);
        return answer?.give("content", request);
      }),
    );
    fireEvent.change(area, { target: { value: HOSTILE } });
    await press("button[type=submit]");
    for (answer of ANSWERS) {
      if (answer !== ANSWERS[0]) await press(FIRST);
      const words = answer.words(language);
      // Without a network it waits, and goes out by itself.
      if (answer.name === "no network")
        await waitFor(() => expect(texts()).toContain(i18n.t("messages:mark.waiting")));
      else await waitFor(() => expect(document.querySelector("[role=alert]")?.textContent).toContain(words));
      expect(texts()).toContain(HOSTILE.trim());
      expect(document.querySelector("script, img[src=x]")).toBeNull();
    }
    expect(ids.size, "always the same message to the server").toBe(1);
    answer = { name: "", give: (_, __) => HttpResponse.json({}, { status: 409 }), words: () => "" };
    useLive.setState({ chat: "live" });
    await found(FIRST);
    useLive.setState({ chat: "off" });
  },
  30_000,
);

it("keeps a message over the end of a login, and asks for it", async () => {
  const area = await show("ar");
  const refused = () => HttpResponse.json({ detail: "-", code: "token_not_valid" }, { status: 401 });
  server.use(http.post(MESSAGES, refused), http.post("/api/auth/token/refresh/", refused));
  fireEvent.change(area, { target: { value: HOSTILE } });
  await press("button[type=submit]");
  await waitFor(() =>
    expect(document.querySelector("[role=alert]")?.textContent).toContain(i18n.t("common:errors.expired")),
  );
  expect(texts()).toContain(HOSTILE.trim());
  expect(useSession.getState().expired).toBe("asked");
});

it.each(["en", "ar"])("says that a message is too long, and leaves it where it is: %s", async (language) => {
  const area = await show(language);
  const text = "ض".repeat(2001);
  fireEvent.change(area, { target: { value: text } });
  await press("button[type=submit]");
  await waitFor(() =>
    expect(document.querySelector("[role=alert]")?.textContent).toBe(
      i18n.t("messages:tooLong", { count: 2000 }),
    ),
  );
  expect(area.value).toBe(text);
  expect(useOutgoing.getState().messages).toEqual([]);
});

it("takes no file that is too large", async () => {
  await show("en");
  const file = new File(["x"], "\u202Egpj.exe");
  Object.defineProperty(file, "size", { value: 11 * 1024 * 1024 });
  fireEvent.change(await found("[type=file]"), { target: { files: [file] } });
  await waitFor(() =>
    expect(document.querySelector("[role=alert]")?.textContent).toBe(i18n.t("messages:file.tooLarge")),
  );
});
