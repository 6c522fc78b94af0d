import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Button, Field, Input, Notice, TextLink } from "@/components/ui";
import { paths } from "@/config/paths";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { forgotSchema, useForgot, type Forgot } from "../api/passwords";
import { AuthCard } from "../components/AuthCard";

export default function ForgotPasswordPage() {
  const { t } = useTranslation(["auth", "common"]);
  const say = useErrorText();
  const told = useTold();
  const ask = useForgot();
  const form = useForm<Forgot>({ resolver: zodResolver(forgotSchema), defaultValues: { email: "" } });
  const { errors } = form.formState;
  usePageTitle(t("forgot.title"));
  const send = useSubmit(
    form.handleSubmit((values) =>
      ask.mutateAsync(values).catch((error: unknown) => putServerErrors(error, ["email"], form.setError)),
    ),
  );
  return (
    <AuthCard title={t("forgot.title")} below={<TextLink to={paths.login()}>{t("forgot.back")}</TextLink>}>
      {ask.data ? (
        <Notice tone="good">{ask.data.detail}</Notice>
      ) : (
        <form onSubmit={send} noValidate className="flex flex-col gap-4">
          {ask.error && <Notice tone="bad">{say(ask.error, ["email"])}</Notice>}
          <p className="text-ink-soft">{t("forgot.why")}</p>
          <Field label={t("register.email")} error={told(errors.email)} required>
            <Input
              {...form.register("email")}
              type="email"
              autoComplete="email"
              dir="ltr"
              className="text-start"
            />
          </Field>
          <Button type="submit" busy={ask.isPending}>
            {t("forgot.submit")}
          </Button>
        </form>
      )}
    </AuthCard>
  );
}
