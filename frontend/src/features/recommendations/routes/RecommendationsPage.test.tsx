import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";

import Toasts from "@/components/layout/Toasts";
import { renderAt, signIn } from "@/testing/render";
import { server } from "@/testing/server";

import RecommendationsPage from "./RecommendationsPage";

const category = { id: 1, slug: "design", name: "Design", name_en: "Design", name_ar: "تصميم", icon: "" };
const client = {
  id: 5,
  username: "c",
  first_name: "Nour",
  last_name: "",
  profile_picture: null,
  average_rating: "0.00",
  total_reviews: 0,
};
const task = {
  id: 9,
  title: "A logo",
  description: "For a bakery.",
  category,
  client,
  budget: "900.00",
  is_negotiable: false,
  listing_type: "task_request",
  task_type: "DIGITAL",
  is_remote: true,
  city: "",
  deadline: null,
  status: "OPEN",
  applications_count: 0,
  required_skills: [],
  created_at: "2026-11-01T00:00:00Z",
};

it("takes a dismissed task off at once and offers to undo it", async () => {
  signIn({ user_type: "freelancer" });
  let dismissed = false;
  const asked: string[] = [];
  server.use(
    http.get("/api/recommendations/for-you/", () =>
      HttpResponse.json({
        recommendations: dismissed
          ? []
          : [{ task, match_percentage: 80, match_reasons: [], why: [], explored: false }],
        total_count: dismissed ? 0 : 1,
        algorithm_used: "hybrid",
        stale: false,
        computed_at: null,
      }),
    ),
    http.post("/api/recommendations/feedback/", () => {
      dismissed = true;
      return HttpResponse.json({}, { status: 201 });
    }),
    http.delete("/api/recommendations/feedback/9/", () => {
      asked.push("undo");
      dismissed = false;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  renderAt(
    <>
      <RecommendationsPage />
      <Toasts />
    </>,
  );
  await userEvent.click(await screen.findByRole("button", { name: "Not for me" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Another reason" }));
  await waitFor(() => expect(screen.queryByText("A logo")).not.toBeInTheDocument());
  await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await screen.findByText("A logo")).toBeInTheDocument();
  expect(asked).toEqual(["undo"]);
});
