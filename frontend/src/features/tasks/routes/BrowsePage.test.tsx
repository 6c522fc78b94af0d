import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18n from "i18next";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";

import { renderAt } from "@/testing/render";
import { server } from "@/testing/server";

import BrowsePage from "./BrowsePage";

const task = (id: number, title: string) => ({
  id,
  title,
  description: "words",
  budget: "500.00",
  status: "OPEN",
  listing_type: "task_request",
  task_type: "DIGITAL",
  category: { slug: "design", name_en: "Design", name_ar: "تصميم", name: "Design" },
  client: {
    id: 2,
    username: "sara",
    first_name: "Sara",
    last_name: "",
    average_rating: "0.00",
    total_reviews: 0,
  },
  required_skills: [],
  images: [],
  city: "",
  is_remote: true,
  is_negotiable: false,
  deadline: null,
  applications_count: 0,
  views_count: 0,
  created_at: "2026-01-01T00:00:00Z",
});
let asked: URLSearchParams[];

beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/tasks/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ count: 30, next: null, previous: null, results: [task(1, "A logo")] });
    }),
    http.get("/api/tasks/facets/", () =>
      HttpResponse.json({ count: 30, category: [], city: [], task_type: [], listing_type: [], budget: [] }),
    ),
    http.get("/api/categories/", () =>
      HttpResponse.json([{ id: 1, slug: "design", name_en: "Design", name_ar: "تصميم", icon: "" }]),
    ),
    http.get("/api/search/suggestions/", () => HttpResponse.json({ suggestions: [] })),
  );
});

it("asks for what the address says, among what is still open", async () => {
  renderAt(<BrowsePage />, { path: "/tasks", at: "/tasks?category=design&min_budget=100&page=2&other=x" });
  await screen.findByText("A logo");
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({
    category: "design",
    min_budget: "100",
    page: "2",
    status: "OPEN",
  });
});

it("writes a chosen filter into the address, begins at its first page, and finds the way back", async () => {
  const { router } = renderAt(<BrowsePage />, { path: "/tasks", at: "/tasks?page=2" });
  await screen.findByText("A logo");
  await screen.findAllByRole("option", { name: /Design/ });
  await userEvent.selectOptions(screen.getByLabelText("Category"), "design");
  await waitFor(() => expect(router.state.location.search).toBe("?category=design"));
  await waitFor(() => expect(asked.at(-1)?.get("category")).toBe("design"));
  await router.navigate(-1);
  await waitFor(() => expect(router.state.location.search).toBe("?page=2"));
  await waitFor(() => expect(screen.getByLabelText("Category")).toHaveValue(""));
});

it("takes a filter off by its chip", async () => {
  const { router } = renderAt(<BrowsePage />, { path: "/tasks", at: "/tasks?category=design&city=Giza" });
  await userEvent.click(await screen.findByRole("button", { name: /Giza/ }));
  await waitFor(() => expect(router.state.location.search).toBe("?category=design"));
});

it("searches as one types, in one entry of the history", async () => {
  const { router } = renderAt(<BrowsePage />, { path: "/tasks", at: "/tasks" });
  await screen.findByText("A logo");
  await userEvent.type(screen.getByRole("combobox", { name: /search/i }), "logo");
  await waitFor(() => expect(router.state.location.search).toBe("?search=logo"));
  expect(router.state.historyAction).toBe("REPLACE");
});

it("says that nothing was found and what to do next, in Arabic too", async () => {
  await i18n.changeLanguage("ar");
  server.use(
    http.get("/api/tasks/", () => HttpResponse.json({ count: 0, next: null, previous: null, results: [] })),
  );
  renderAt(<BrowsePage />, { path: "/tasks", at: "/tasks" });
  expect(await screen.findByRole("heading", { level: 2 })).toHaveTextContent(/[\u0600-\u06ff]/);
});

it("offers to try again after a failure", async () => {
  server.use(
    http.get("/api/tasks/", () => HttpResponse.json({ detail: "Gone.", code: "x" }, { status: 400 })),
  );
  renderAt(<BrowsePage />, { path: "/tasks", at: "/tasks" });
  expect(await screen.findByRole("alert")).toHaveTextContent("Gone.");
  server.resetHandlers();
  server.use(
    http.get("/api/tasks/", () =>
      HttpResponse.json({ count: 1, next: null, previous: null, results: [task(1, "A logo")] }),
    ),
    http.get("/api/tasks/facets/", () => HttpResponse.json({ category: [], city: [], budget: [] })),
    http.get("/api/categories/", () => HttpResponse.json([])),
  );
  await userEvent.click(screen.getByRole("button", { name: /try again/i }));
  expect(await screen.findByText("A logo")).toBeVisible();
});
