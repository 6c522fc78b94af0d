import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { loginSchema, useLogin, type Login } from "@/api/login";
import { Button, Field, Input, Notice, TextLink } from "@/components/ui";
import { paths } from "@/config/paths";
import { store } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { AuthCard } from "../components/AuthCard";

const NAMES = ["username", "password"] as const;

/** Where one goes afterwards is `GuestOnly`'s business: it sends who is logged in on to `next`. */
export default function LoginPage() {
  const { t } = useTranslation(["auth", "common"]);
  const [params] = useSearchParams();
  const refused = params.get("error")?.startsWith("google_");
  const say = useErrorText();
  const told = useTold();
  const login = useLogin();
  const form = useForm<Login>({
    resolver: zodResolver(loginSchema),
    defaultValues: { username: "", password: "" },
  });
  const { errors } = form.formState;
  usePageTitle(t("login.title"));

  const send = useSubmit(
    form.handleSubmit((values) =>
      login.mutateAsync(values).catch((error: unknown) => putServerErrors(error, NAMES, form.setError)),
    ),
  );
  return (
    <AuthCard
      title={t("login.title")}
      below={
        <>
          {t("login.new")} <TextLink to={paths.register()}>{t("login.register")}</TextLink>
        </>
      }
    >
      <form onSubmit={send} noValidate className="flex flex-col gap-4">
        {login.error && <Notice tone="bad">{say(login.error, NAMES)}</Notice>}
        {!login.error && refused && <Notice tone="bad">{t("login.googleRefused")}</Notice>}
        <Field label={t("login.username")} error={told(errors.username)} required>
          <Input
            {...form.register("username")}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            dir="ltr"
            className="text-start"
          />
        </Field>
        <Field label={t("login.password")} error={told(errors.password)} required>
          <Input
            {...form.register("password")}
            type="password"
            autoComplete="current-password"
            dir="ltr"
            className="text-start"
          />
        </Field>
        <Button type="submit" busy={login.isPending}>
          {t("login.submit")}
        </Button>
        <p className="text-center">
          <TextLink to={paths.forgotPassword}>{t("login.forgot")}</TextLink>
        </p>
      </form>
      <a
        href={`/api/auth/google/login/?next=${encodeURIComponent(paths.googleReturn)}`}
        onClick={() => store("next", params.get("next"))}
        className="inline-flex min-h-11 items-center justify-center rounded-xl border border-line-strong px-4 font-semibold hover:bg-sunken"
      >
        {t("login.google")}
      </a>
    </AuthCard>
  );
}
