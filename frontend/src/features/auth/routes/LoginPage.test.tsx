import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18n from "i18next";
import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";

import { useSession } from "@/lib/session";
import { renderAt, someone } from "@/testing/render";
import { server } from "@/testing/server";

import LoginPage from "./LoginPage";

const fill = async () => {
  await userEvent.type(await screen.findByLabelText(/user name/i), "mona");
  await userEvent.type(screen.getByLabelText("Password"), "a-long-Passphrase-7");
  await userEvent.click(screen.getByRole("button", { name: "Log in" }));
};

it("begins a session with the token in memory and nowhere else", async () => {
  server.use(
    http.post("/api/auth/login/", () =>
      HttpResponse.json({ access_token: "secret-access", refresh_token: "r", user: someone() }),
    ),
  );
  renderAt(<LoginPage />);
  await fill();
  await waitFor(() => expect(useSession.getState().state).toBe("user"));
  expect(useSession.getState().access).toBe("secret-access");
  expect(JSON.stringify({ ...localStorage })).not.toContain("secret-access");
});

it("says what the server said about a wrong pair, and keeps what was typed", async () => {
  server.use(
    http.post("/api/auth/login/", () =>
      HttpResponse.json({ detail: "Wrong name or password.", code: "invalid_credentials" }, { status: 401 }),
    ),
  );
  renderAt(<LoginPage />);
  await fill();
  expect(await screen.findByRole("alert")).toHaveTextContent("Wrong name or password.");
  expect(screen.getByLabelText(/user name/i)).toHaveValue("mona");
});

it("asks for what is missing before anything is sent", async () => {
  renderAt(<LoginPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Log in" }));
  expect(await screen.findAllByText("Please fill this in.")).toHaveLength(2);
});

it("tells of a network that is away in the user's language", async () => {
  await i18n.changeLanguage("ar");
  server.use(http.post("/api/auth/login/", () => HttpResponse.error()));
  renderAt(<LoginPage />);
  await userEvent.type(await screen.findByLabelText(/اسم المستخدم/), "mona");
  await userEvent.type(screen.getByLabelText("كلمة المرور"), "x");
  await userEvent.click(screen.getByRole("button", { name: "دخول" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("تعذّر الاتصال");
});
