import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";

import { renderAt, signIn } from "@/testing/render";
import { server } from "@/testing/server";

import NewTaskPage from "./NewTaskPage";

const TITLE = "<script>alert(1)</script> 🦊 \u202Eشعار";
const HAS_TITLE = { name: /title/i };

beforeEach(() => {
  signIn();
  server.use(
    http.get("/api/categories/", () =>
      HttpResponse.json([{ id: 1, slug: "design", name_en: "Design", name_ar: "تصميم", icon: "" }]),
    ),
    http.get("/api/skills/", () => HttpResponse.json({ count: 0, next: null, previous: null, results: [] })),
    http.post("/api/tasks/suggestions/", () =>
      HttpResponse.json({ skills: [], category: null, price: null, duplicates: [] }),
    ),
  );
});

async function fill() {
  await userEvent.type(await screen.findByRole("textbox", HAS_TITLE), TITLE);
  await userEvent.type(screen.getByRole("textbox", { name: /description/i }), "What there is to do");
  await screen.findByRole("option", { name: "Design" });
  await userEvent.selectOptions(screen.getByLabelText(/category/i), "design");
  await userEvent.type(screen.getByLabelText(/budget/i), "500");
}
const submit = () => userEvent.click(screen.getByRole("button", { name: "Post" }));

it("keeps what is written on this device, and shows it again", async () => {
  const { unmount } = renderAt(<NewTaskPage />, { path: "/tasks/new" });
  await fill();
  unmount();
  renderAt(<NewTaskPage />, { path: "/tasks/new" });
  expect(await screen.findByRole("textbox", HAS_TITLE)).toHaveValue(TITLE);
  await userEvent.click(screen.getByRole("button", { name: /start over/i }));
  expect(screen.getByRole("textbox", HAS_TITLE)).toHaveValue("");
});

it("takes a draft that somebody spoilt as none", async () => {
  localStorage.setItem("multitask.draft.task_request", '{"title": 5, "required_skills": "x"}');
  renderAt(<NewTaskPage />, { path: "/tasks/new" });
  expect(await screen.findByRole("textbox", HAS_TITLE)).toHaveValue("");
});

it("puts the server's errors on their fields, and loses nothing", async () => {
  server.use(
    http.post("/api/tasks/", () =>
      HttpResponse.json(
        {
          detail: "Please check.",
          code: "validation_error",
          errors: { title: ["Too loud."], budget: ["Too low."] },
        },
        { status: 400 },
      ),
    ),
  );
  renderAt(<NewTaskPage />, { path: "/tasks/new" });
  await fill();
  await submit();
  expect(await screen.findByText("Too loud.")).toBeVisible();
  expect(screen.getByText("Too low.")).toBeVisible();
  const title = screen.getByRole("textbox", HAS_TITLE);
  expect(title).toHaveAttribute("aria-invalid", "true");
  await waitFor(() => expect(title).toHaveFocus());
  expect(title).toHaveValue(TITLE);
});

it("sends the same key again after no answer, so that nothing is made twice", async () => {
  const keys: (string | null)[] = [];
  server.use(
    http.post("/api/tasks/", ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return keys.length === 1 ? HttpResponse.error() : HttpResponse.json({ id: 7 }, { status: 201 });
    }),
  );
  const { router } = renderAt(<NewTaskPage />, { path: "/tasks/new" });
  await fill();
  await submit();
  expect(await screen.findByRole("alert")).toBeVisible();
  await submit();
  await waitFor(() => expect(router.state.location.pathname).toBe("/tasks/7"));
  expect(keys[0]).toBe(keys[1]);
  expect(localStorage.getItem("multitask.draft.task_request")).toBeNull();
});

it("sends nothing while something is missing", async () => {
  renderAt(<NewTaskPage />, { path: "/tasks/new" });
  await screen.findByRole("textbox", HAS_TITLE);
  await submit();
  expect((await screen.findAllByText("Please fill this in.")).length).toBeGreaterThan(1);
});
