import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { get, refreshAccess } from "@/api/client";
import { loginSchema, useLogin, type Login } from "@/api/login";
import { Button, Dialog, Field, Input, Notice } from "@/components/ui";
import { paths } from "@/config/paths";
import { useSession, type OwnUser } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

const NAMES = ["username", "password"] as const;
const FORM = "session-ended";

/** A login that ran out is asked for over the page, which keeps what was typed on it. */
export default function SessionEnded() {
  const { t } = useTranslation(["auth", "common"]);
  const user = useSession((session) => session.user);
  const expired = useSession((session) => session.expired);
  const navigate = useNavigate();
  const client = useQueryClient();
  const say = useErrorText();
  const told = useTold();
  const login = useLogin();
  const form = useForm<Login>({
    resolver: zodResolver(loginSchema),
    defaultValues: { username: user?.username ?? "", password: "" },
  });
  const { errors } = form.formState;

  // Somebody else has another page to see; for the same person it goes on where it stopped.
  const goOn = (who: number) => {
    if (who === user?.id) void client.invalidateQueries();
    else void navigate(paths.dashboard);
  };
  const send = useSubmit(
    form.handleSubmit(async (values) => {
      try {
        goOn((await login.mutateAsync(values)).user.id);
      } catch (error) {
        putServerErrors(error, NAMES, form.setError);
      }
    }),
  );
  // Another tab may have logged in meanwhile.
  useEffect(() => {
    const look = async () => {
      const access = await refreshAccess();
      const found = await get<OwnUser>("/auth/user/");
      useSession.getState().begin(access, found);
      if (found.id === user?.id) await client.invalidateQueries();
      else await navigate(paths.dashboard);
    };
    const onFocus = () => void look().catch(() => undefined);
    window.addEventListener("focus", onFocus);
    return () => window.removeEventListener("focus", onFocus);
  }, [client, navigate, user?.id]);

  return (
    <Dialog
      open={expired === "asked"}
      onOpenChange={(open) => !open && useSession.getState().putOff()}
      title={t("ended.title")}
      description={t("ended.why")}
      footer={
        <>
          <Button look="quiet" onClick={() => useSession.getState().end()}>
            {t("ended.other")}
          </Button>
          <Button type="submit" form={FORM} busy={login.isPending}>
            {t("login.submit")}
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={send} noValidate className="flex flex-col gap-4">
        {login.error && <Notice tone="bad">{say(login.error, NAMES)}</Notice>}
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
        <a
          href={`/api/auth/google/login/?next=${encodeURIComponent(paths.googleReturn)}`}
          target="_blank"
          rel="noreferrer"
          className="inline-flex min-h-11 items-center self-start font-medium text-brand underline underline-offset-4"
        >
          {t("ended.google")}
        </a>
      </form>
    </Dialog>
  );
}
