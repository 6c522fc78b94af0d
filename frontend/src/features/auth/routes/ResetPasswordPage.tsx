import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { Button, LinkButton, Notice } from "@/components/ui";
import { paths } from "@/config/paths";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { resetSchema, useReset, type Reset } from "../api/passwords";
import { AuthCard } from "../components/AuthCard";
import { PasswordFields } from "../components/PasswordFields";

const NAMES = ["new_password", "new_password2"] as const;

export default function ResetPasswordPage() {
  const { t } = useTranslation(["auth", "common"]);
  const [params] = useSearchParams();
  const say = useErrorText();
  const reset = useReset(params.get("uid") ?? "", params.get("token") ?? "");
  const form = useForm<Reset>({
    resolver: zodResolver(resetSchema),
    defaultValues: { new_password: "", new_password2: "" },
  });
  const { errors } = form.formState;
  const value = useWatch({ control: form.control, name: "new_password" });
  usePageTitle(t("reset.title"));
  const told = useTold();
  const send = useSubmit(
    form.handleSubmit((values) =>
      reset.mutateAsync(values).catch((error: unknown) => putServerErrors(error, NAMES, form.setError)),
    ),
  );
  return (
    <AuthCard title={t("reset.title")}>
      {reset.data ? (
        <>
          <Notice tone="good">{reset.data.detail}</Notice>
          <LinkButton to={paths.login()}>{t("login.submit")}</LinkButton>
        </>
      ) : (
        <form onSubmit={send} noValidate className="flex flex-col gap-4">
          {reset.error && (
            <Notice
              tone="bad"
              action={
                <LinkButton look="secondary" size="sm" to={paths.forgotPassword}>
                  {t("reset.again")}
                </LinkButton>
              }
            >
              {say(reset.error, NAMES)}
            </Notice>
          )}
          <PasswordFields
            label={t("reset.new")}
            repeatLabel={t("password.repeat")}
            value={value}
            first={form.register("new_password")}
            second={form.register("new_password2")}
            errors={{
              first: told(errors.new_password),
              second: told(errors.new_password2),
            }}
          />
          <Button type="submit" busy={reset.isPending}>
            {t("reset.submit")}
          </Button>
        </form>
      )}
    </AuthCard>
  );
}
