import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { SettingsFrame } from "@/components/settings/SettingsFrame";
import { Badge, Button, Card, Choices, Field, Input, Notice, Radio } from "@/components/ui";
import { switchLanguage, type Language } from "@/i18n";
import { useSession, type OwnUser } from "@/lib/session";
import { useTheme, type Theme } from "@/lib/theme";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { addressSchema, useChangeAccount, useResendVerification, type Address } from "../api/account";

const TYPES = ["client", "freelancer", "both"] as const;
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export default function SettingsPage() {
  const { t } = useTranslation(["settings", "auth", "common"]);
  const user = useSession((session) => session.user);
  usePageTitle(t("account.title"));
  if (!user) return null;
  return (
    <SettingsFrame title={t("account.title")}>
      <Mail user={user} />
      <Role user={user} />
      <Look />
    </SettingsFrame>
  );
}

function Mail({ user }: { user: OwnUser }) {
  const { t } = useTranslation(["settings", "auth", "common"]);
  const say = useErrorText();
  const change = useChangeAccount();
  const resend = useResendVerification();
  const told = useTold();
  const form = useForm<Address>({
    resolver: zodResolver(addressSchema),
    defaultValues: { email: user.email },
  });
  const email = useWatch({ control: form.control, name: "email" });
  const send = useSubmit(
    form.handleSubmit(async (values) => {
      try {
        await change.mutateAsync(values);
        toast.success(t("account.emailChanged"));
      } catch (error) {
        putServerErrors(error, ["email"], form.setError);
      }
    }),
  );
  return (
    <Card className="flex flex-col gap-4">
      <h2 className="text-lg font-bold">{t("account.email")}</h2>
      {change.error && <Notice tone="bad">{say(change.error, ["email"])}</Notice>}
      {resend.error && <Notice tone="bad">{say(resend.error)}</Notice>}
      {resend.data && <Notice tone="good">{resend.data.detail}</Notice>}
      <form onSubmit={send} noValidate className="flex flex-col gap-3">
        <Field
          label={t("account.emailLabel")}
          hint={t("account.emailHint")}
          error={told(form.formState.errors.email)}
        >
          <Input
            {...form.register("email")}
            type="email"
            autoComplete="email"
            dir="ltr"
            className="text-start"
          />
        </Field>
        <div className="flex flex-wrap items-center gap-3">
          <Badge tone={user.is_verified ? "good" : "accent"}>
            {t(user.is_verified ? "account.proved" : "account.unproved")}
          </Badge>
          {!user.is_verified && user.email === email && (
            <Button
              look="secondary"
              size="sm"
              busy={resend.isPending}
              onClick={() => resend.mutate(user.email)}
            >
              {t("account.resend")}
            </Button>
          )}
          <Button type="submit" size="sm" busy={change.isPending} disabled={email.trim() === user.email}>
            {t("common:action.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Role({ user }: { user: OwnUser }) {
  const { t } = useTranslation(["settings", "auth", "common"]);
  const say = useErrorText();
  const change = useChangeAccount();
  return (
    <Card>
      {change.error && <Notice tone="bad">{say(change.error)}</Notice>}
      <Choices legend={t("account.role")}>
        {TYPES.map((type) => (
          <Radio
            key={type}
            name="type"
            value={type}
            checked={user.user_type === type}
            onChange={() =>
              change.mutate({ user_type: type }, { onSuccess: () => toast.success(t("common:form.saved")) })
            }
            label={t(`auth:register.${type}`)}
            hint={t(`auth:register.${type}Hint`)}
          />
        ))}
      </Choices>
    </Card>
  );
}

function Look() {
  const { t, i18n } = useTranslation(["settings", "common"]);
  const { theme, choose } = useTheme();
  const change = useChangeAccount();
  const speak = (language: Language) => {
    void switchLanguage(language);
    // Mails and notifications speak it too.
    change.mutate({ language });
  };
  return (
    <Card className="grid gap-6 sm:grid-cols-2">
      <Choices legend={t("account.language")}>
        <Radio
          name="language"
          checked={i18n.language === "ar"}
          onChange={() => speak("ar")}
          label={<span lang="ar">العربية</span>}
        />
        <Radio
          name="language"
          checked={i18n.language === "en"}
          onChange={() => speak("en")}
          label={<span lang="en">English</span>}
        />
      </Choices>
      <Choices legend={t("account.colours")}>
        {THEMES.map((one) => (
          <Radio
            key={one}
            name="theme"
            checked={theme === one}
            onChange={() => choose(one)}
            label={t(`common:theme.${one}`)}
          />
        ))}
      </Choices>
    </Card>
  );
}
