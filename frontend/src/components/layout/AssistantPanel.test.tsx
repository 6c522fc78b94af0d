import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";

import { renderAt, signIn } from "@/testing/render";
import { server } from "@/testing/server";
import { store } from "@/lib/storage";

import AssistantPanel from "./AssistantPanel";

const SIZE = 30;

/** A conversation of `count` lines, answered page by page as the API does. */
function conversation(count: number) {
  const asked: string[] = [];
  const lines = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    sender: index % 2 ? "BOT" : "USER",
    message: `line ${index + 1}`,
    state: "done",
    created_at: "2026-11-01T00:00:00Z",
  }));
  server.use(
    http.get("/api/chatbot/sessions/7/messages/", ({ request }) => {
      const page = new URL(request.url).searchParams.get("page") ?? "1";
      asked.push(page);
      const number = page === "last" ? Math.ceil(count / SIZE) : Number(page);
      const before = number === 2 ? "?page_size=30" : `?page=${number - 1}&page_size=30`;
      return HttpResponse.json({
        count,
        next: null,
        previous: number > 1 ? `${request.url.split("?")[0]}${before}` : null,
        results: lines.slice((number - 1) * SIZE, number * SIZE),
      });
    }),
  );
  store("assistant", "7");
  signIn();
  renderAt(<AssistantPanel open onOpenChange={() => undefined} />);
  return asked;
}

it("shows what was said last in a long conversation, and what was said earlier when asked", async () => {
  const asked = conversation(130);
  expect(await screen.findByText("line 130")).toBeInTheDocument();
  expect(screen.queryByText("line 120")).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Earlier messages" }));
  expect(await screen.findByText("line 91")).toBeInTheDocument();
  expect(screen.getByText("line 130")).toBeInTheDocument();
  expect(asked).toEqual(["last", "4"]);
});

it("offers nothing earlier at the beginning of a conversation", async () => {
  conversation(40);
  await userEvent.click(await screen.findByRole("button", { name: "Earlier messages" }));
  expect(await screen.findByText("line 1")).toBeInTheDocument();
  await waitFor(() =>
    expect(screen.queryByRole("button", { name: "Earlier messages" })).not.toBeInTheDocument(),
  );
});
