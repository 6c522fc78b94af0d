import SessionEnded from "@/components/layout/SessionEnded";
import ForgotPasswordPage from "@/features/auth/routes/ForgotPasswordPage";
import LoginPage from "@/features/auth/routes/LoginPage";
import RegisterPage from "@/features/auth/routes/RegisterPage";
import ResetPasswordPage from "@/features/auth/routes/ResetPasswordPage";
import { useSession } from "@/lib/session";

import { meetsTheWorst } from "./meets";

const named = (name: string) => `[name="${name}"]`;
const PASSWORD = "a-long-Passphrase-7";
const submit = "button[type=submit]";

meetsTheWorst({
  name: "login",
  page: () => <LoginPage />,
  guest: true,
  fields: {
    username: { css: named("username"), good: "mona", free: true, limit: 254, required: true },
    password: { css: named("password"), good: PASSWORD, limit: 128, required: true },
  },
  submit,
  method: "post",
  url: "/api/auth/login/",
});

meetsTheWorst({
  name: "registration",
  page: () => <RegisterPage />,
  guest: true,
  fields: {
    first_name: { css: named("first_name"), good: "منى", free: true, limit: 150, required: true },
    last_name: { css: named("last_name"), good: "Said", free: true, limit: 150, required: true },
    username: { css: named("username"), good: "mona", limit: 150, required: true },
    email: { css: named("email"), good: "mona@example.org", required: true },
    password: { css: named("password"), good: PASSWORD, limit: 128, required: true },
    password2: { css: named("password2"), good: PASSWORD },
  },
  submit,
  method: "post",
  url: "/api/auth/register/",
});

meetsTheWorst({
  name: "a forgotten password",
  page: () => <ForgotPasswordPage />,
  guest: true,
  fields: { email: { css: named("email"), good: "mona@example.org", required: true } },
  submit,
  method: "post",
  url: "/api/auth/password/reset/",
});

meetsTheWorst({
  name: "a new password",
  page: () => <ResetPasswordPage />,
  at: "/?uid=x&token=y",
  guest: true,
  fields: {
    new_password: { css: named("new_password"), good: PASSWORD, limit: 128, required: true },
    new_password2: { css: named("new_password2"), good: PASSWORD },
  },
  submit,
  method: "post",
  url: "/api/auth/password/reset/confirm/",
});

meetsTheWorst({
  name: "a login over the page",
  page: () => {
    useSession.setState({ state: "user", expired: "asked" });
    return <SessionEnded />;
  },
  guest: true,
  fields: {
    username: { css: named("username"), good: "mona", free: true, limit: 254, required: true },
    password: { css: named("password"), good: PASSWORD, limit: 128, required: true },
  },
  submit,
  method: "post",
  url: "/api/auth/login/",
});
