import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";

import { Button, Choices, Field, Input, Notice, Radio, TextLink } from "@/components/ui";
import { paths } from "@/config/paths";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { registerSchema, useRegister, type Register } from "../api/register";
import { AuthCard } from "../components/AuthCard";
import { PasswordFields } from "../components/PasswordFields";

const TYPES = ["client", "freelancer", "both"] as const;
const NAMES = ["user_type", "first_name", "last_name", "username", "email", "password", "password2"] as const;

export default function RegisterPage() {
  const { t } = useTranslation(["auth", "common"]);
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const say = useErrorText();
  const make = useRegister();
  const asked = TYPES.find((type) => type === params.get("type"));
  const form = useForm<Register>({
    resolver: zodResolver(registerSchema),
    defaultValues: {
      user_type: asked ?? "client",
      first_name: "",
      last_name: "",
      username: "",
      email: "",
      password: "",
      password2: "",
    },
  });
  const { errors } = form.formState;
  const typed = useWatch({ control: form.control });
  usePageTitle(t("register.title"));

  const told = useTold();
  const send = useSubmit(
    form.handleSubmit(async (values) => {
      try {
        await make.mutateAsync(values);
        await navigate(paths.onboarding, { replace: true });
      } catch (error) {
        putServerErrors(error, NAMES, form.setError);
      }
    }),
  );
  return (
    <AuthCard
      title={t("register.title")}
      below={
        <>
          {t("register.known")} <TextLink to={paths.login()}>{t("login.submit")}</TextLink>
        </>
      }
    >
      <form onSubmit={send} noValidate className="flex flex-col gap-4">
        {make.error && <Notice tone="bad">{say(make.error, NAMES)}</Notice>}
        <Choices legend={t("register.who")} error={told(errors.user_type)}>
          {TYPES.map((type) => (
            <Radio
              key={type}
              {...form.register("user_type")}
              value={type}
              label={t(`register.${type}`)}
              hint={t(`register.${type}Hint`)}
            />
          ))}
        </Choices>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("register.firstName")} error={told(errors.first_name)} required>
            <Input {...form.register("first_name")} autoComplete="given-name" maxLength={150} />
          </Field>
          <Field label={t("register.lastName")} error={told(errors.last_name)} required>
            <Input {...form.register("last_name")} autoComplete="family-name" maxLength={150} />
          </Field>
        </div>
        <Field
          label={t("register.username")}
          hint={t("register.usernameHint")}
          error={told(errors.username)}
          required
        >
          <Input
            {...form.register("username")}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            dir="ltr"
            className="text-start"
            maxLength={150}
          />
        </Field>
        <Field label={t("register.email")} hint={t("register.emailHint")} error={told(errors.email)} required>
          <Input
            {...form.register("email")}
            type="email"
            autoComplete="email"
            dir="ltr"
            className="text-start"
            maxLength={254}
          />
        </Field>
        <PasswordFields
          label={t("login.password")}
          repeatLabel={t("password.repeat")}
          value={typed.password ?? ""}
          about={[typed.username ?? "", typed.email ?? ""]}
          first={form.register("password")}
          second={form.register("password2")}
          errors={{ first: told(errors.password), second: told(errors.password2) }}
        />
        <Button type="submit" busy={make.isPending}>
          {t("register.submit")}
        </Button>
      </form>
    </AuthCard>
  );
}
