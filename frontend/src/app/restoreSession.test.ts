import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";

import { useSession } from "@/lib/session";
import { store } from "@/lib/storage";
import { someone } from "@/testing/render";
import { server } from "@/testing/server";

import { restoreSession } from "./restoreSession";

const REFRESH = "/api/auth/token/refresh/";

it("is not put off by a server that stumbles once", async () => {
  store("session", "1");
  let asked = 0;
  server.use(
    http.post(REFRESH, () => {
      asked += 1;
      return asked === 1 ? new HttpResponse(null, { status: 502 }) : HttpResponse.json({ access: "a" });
    }),
    http.get("/api/auth/user/", () => HttpResponse.json(someone())),
  );
  await restoreSession();
  expect(useSession.getState()).toMatchObject({ state: "user", access: "a" });
});

it("takes no for an answer", async () => {
  store("session", "1");
  let asked = 0;
  server.use(
    http.post(REFRESH, () => {
      asked += 1;
      return HttpResponse.json({ code: "token_not_valid" }, { status: 401 });
    }),
  );
  await restoreSession();
  expect([useSession.getState().state, asked]).toEqual(["guest", 1]);
});
