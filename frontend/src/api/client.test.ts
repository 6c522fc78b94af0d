import { http as answer, HttpResponse } from "msw";
import { expect, it } from "vitest";

import { useSession } from "@/lib/session";
import { signIn } from "@/testing/render";
import { server } from "@/testing/server";

import { get, post } from "./client";

const REFRESH = "/api/auth/token/refresh/";

/** A server that knows one access token, and gives it for the cookie. */
function expiring(given = "fresh") {
  const seen = { refreshes: 0, tasks: 0 };
  server.use(
    answer.post(REFRESH, async () => {
      seen.refreshes += 1;
      await new Promise((done) => setTimeout(done, 20));
      return HttpResponse.json({ access: given });
    }),
    answer.get("/api/tasks/:id/", ({ request, params }) => {
      seen.tasks += 1;
      return request.headers.get("Authorization") === "Bearer fresh"
        ? HttpResponse.json({ id: Number(params.id) })
        : HttpResponse.json({ detail: "Expired.", code: "token_not_valid" }, { status: 401 });
    }),
  );
  return seen;
}

it("renews a token that has run out once, however many requests find it so", async () => {
  signIn();
  const seen = expiring();
  const found = await Promise.all([1, 2, 3, 4].map((id) => get<{ id: number }>(`/tasks/${id}/`)));
  expect(found.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  expect(seen.refreshes).toBe(1);
  expect(useSession.getState().access).toBe("fresh");
});

it("asks again once only, and ends in the server's refusal", async () => {
  signIn();
  const seen = expiring("refused-too");
  await expect(get("/tasks/1/")).rejects.toMatchObject({ status: 401, code: "token_not_valid" });
  expect(seen).toEqual({ refreshes: 1, tasks: 2 });
});

it("asks for the login where it is over, and leaves the page to who was on it", async () => {
  signIn();
  expiring();
  server.use(answer.post(REFRESH, () => HttpResponse.json({ code: "token_not_valid" }, { status: 401 })));
  await expect(get("/tasks/1/")).rejects.toMatchObject({ status: 401 });
  expect(useSession.getState()).toMatchObject({ state: "user", expired: "asked" });
  useSession.getState().putOff();
  await expect(get("/tasks/1/")).rejects.toMatchObject({ status: 401 });
  expect(useSession.getState().expired).toBe("later");
  server.use(answer.post("/api/tasks/", () => HttpResponse.json({ detail: "No." }, { status: 401 })));
  await expect(post("/tasks/", {})).rejects.toMatchObject({ status: 401 });
  expect(useSession.getState().expired).toBe("asked");
});

it("keeps the session while the network is away", async () => {
  signIn();
  expiring();
  server.use(answer.post(REFRESH, () => HttpResponse.error()));
  await expect(get("/tasks/1/")).rejects.toMatchObject({ status: 0 });
  expect(useSession.getState().state).toBe("user");
});

it("renews nothing for a wrong password", async () => {
  signIn();
  const seen = expiring();
  server.use(
    answer.post("/api/auth/login/", () =>
      HttpResponse.json({ detail: "Wrong.", code: "invalid" }, { status: 401 }),
    ),
  );
  await expect(post("/auth/login/", {})).rejects.toMatchObject({ status: 401, detail: "Wrong." });
  expect(seen.refreshes).toBe(0);
});

it("says in which language it is asked", async () => {
  let language: string | null = "";
  server.use(
    answer.get("/api/categories/", ({ request }) => {
      language = request.headers.get("Accept-Language");
      return HttpResponse.json([]);
    }),
  );
  await get("/categories/");
  expect(language).toBe("en");
});

it("gives the wait, the field errors and the id of a failure", async () => {
  server.use(
    answer.get("/api/categories/", () =>
      HttpResponse.json(
        { detail: "Slow down.", code: "throttled", errors: { city: ["No."] } },
        { status: 429, headers: { "Retry-After": "7", "X-Request-ID": "abc" } },
      ),
    ),
  );
  await expect(get("/categories/")).rejects.toMatchObject({
    status: 429,
    retryAfter: 7,
    requestId: "abc",
    fields: { city: ["No."] },
  });
});
