import { zodResolver } from "@hookform/resolvers/zod";
import { useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { SettingsFrame } from "@/components/settings/SettingsFrame";
import { MySkills } from "@/components/skills/MySkills";
import { Avatar, Button, Card, Field, Input, LinkButton, Notice, Textarea } from "@/components/ui";
import { paths } from "@/config/paths";
import { mayApply, useSession, type OwnUser } from "@/lib/session";
import { squareOf } from "@/lib/square";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { useTold } from "@/lib/useTold";

import { profileSchema, useChangeAccount, type Profile } from "../api/account";

const NAMES = Object.keys(profileSchema.shape) as (keyof Profile)[];

export default function ProfilePage() {
  const { t } = useTranslation(["settings", "skills", "common"]);
  const user = useSession((session) => session.user);
  usePageTitle(t("profile.title"));
  if (!user) return null;
  return (
    <SettingsFrame title={t("profile.title")}>
      <Picture user={user} />
      <About user={user} />
      {mayApply(user) && (
        <Card>
          <h2 className="mb-3 text-lg font-bold">{t("profile.skills")}</h2>
          <MySkills />
        </Card>
      )}
      <LinkButton look="secondary" to={paths.user(user.id)} className="self-start">
        {t("profile.public")}
      </LinkButton>
    </SettingsFrame>
  );
}

function Picture({ user }: { user: OwnUser }) {
  const { t } = useTranslation(["settings", "common"]);
  const say = useErrorText();
  const change = useChangeAccount();
  const input = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState("");
  const pick = async (file: File | undefined) => {
    setFault("");
    if (!file) return;
    const form = new FormData();
    try {
      form.append("profile_picture", await squareOf(file), "picture.jpg");
    } catch {
      setFault(t("profile.notAPicture"));
      return;
    }
    change.mutate(form, { onSuccess: () => toast.success(t("common:form.saved")) });
  };
  return (
    <Card className="flex flex-wrap items-center gap-4">
      <Avatar name={user.first_name || user.username} src={user.profile_picture} size="lg" />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <div className="flex flex-wrap gap-2">
          <Button look="secondary" size="sm" busy={change.isPending} onClick={() => input.current?.click()}>
            {t("profile.choosePicture")}
          </Button>
          {user.profile_picture && (
            <Button look="danger" size="sm" onClick={() => change.mutate({ profile_picture: null })}>
              {t("profile.removePicture")}
            </Button>
          )}
        </div>
        <p className="text-sm text-ink-soft">{t("profile.pictureHint")}</p>
        <input
          ref={input}
          type="file"
          accept="image/*"
          className="sr-only"
          tabIndex={-1}
          aria-label={t("profile.choosePicture")}
          onChange={(event) => {
            void pick(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
        {(fault || change.error) && <Notice tone="bad">{fault || say(change.error)}</Notice>}
      </div>
    </Card>
  );
}

function About({ user }: { user: OwnUser }) {
  const { t } = useTranslation(["settings", "auth", "common"]);
  const say = useErrorText();
  const change = useChangeAccount();
  const form = useForm<Profile>({
    resolver: zodResolver(profileSchema),
    defaultValues: {
      first_name: user.first_name,
      last_name: user.last_name,
      bio: user.bio,
      phone_number: user.phone_number,
      city: user.city,
    },
  });
  const { errors, isDirty } = form.formState;
  const told = useTold();
  const send = useSubmit(
    form.handleSubmit(async (values) => {
      try {
        await change.mutateAsync(values);
        // What was typed while it was sent is not saved yet, and stays.
        form.reset(values, { keepValues: true });
        toast.success(t("common:form.saved"));
      } catch (error) {
        putServerErrors(error, NAMES, form.setError);
      }
    }),
  );
  return (
    <Card>
      <form onSubmit={send} noValidate className="flex flex-col gap-4">
        {change.error && <Notice tone="bad">{say(change.error, NAMES)}</Notice>}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("auth:register.firstName")} error={told(errors.first_name)} required>
            <Input {...form.register("first_name")} autoComplete="given-name" maxLength={150} />
          </Field>
          <Field label={t("auth:register.lastName")} error={told(errors.last_name)}>
            <Input {...form.register("last_name")} autoComplete="family-name" maxLength={150} />
          </Field>
        </div>
        <Field label={t("profile.bio")} hint={t("profile.bioHint")} error={told(errors.bio)} optional>
          <Textarea {...form.register("bio")} rows={6} maxLength={5000} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("profile.city")} error={told(errors.city)} optional>
            <Input {...form.register("city")} autoComplete="address-level2" maxLength={100} />
          </Field>
          <Field
            label={t("profile.phone")}
            hint={t("profile.phoneHint")}
            error={told(errors.phone_number)}
            optional
          >
            <Input
              {...form.register("phone_number")}
              type="tel"
              autoComplete="tel"
              dir="ltr"
              className="text-start"
              maxLength={20}
            />
          </Field>
        </div>
        <Button type="submit" busy={change.isPending} disabled={!isDirty} className="self-start">
          {t("common:action.save")}
        </Button>
      </form>
    </Card>
  );
}
