import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { SettingsFrame } from "@/components/settings/SettingsFrame";
import { Button, Card, ConfirmDialog, Field, Input, Notice } from "@/components/ui";
import { passwordFaults } from "@/lib/passwords";
import { useSession } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { putServerErrors } from "@/lib/useServerErrors";
import { useSubmit } from "@/lib/useSubmit";
import { faultOf, useTold } from "@/lib/useTold";

import {
  passwordSchema,
  useChangePassword,
  useDeleteAccount,
  useExport,
  useLogOutEverywhere,
  type PasswordChange,
} from "../api/account";

const NAMES = ["old_password", "new_password", "new_password2"] as const;

export default function SecurityPage() {
  const { t } = useTranslation("settings");
  usePageTitle(t("security.title"));
  return (
    <SettingsFrame title={t("security.title")}>
      <Password />
      <Devices />
      <Data />
      <Leave />
    </SettingsFrame>
  );
}

function Password() {
  const { t } = useTranslation(["settings", "auth", "common"]);
  const say = useErrorText();
  const user = useSession((session) => session.user);
  const change = useChangePassword();
  const form = useForm<PasswordChange>({
    resolver: zodResolver(passwordSchema),
    defaultValues: { old_password: "", new_password: "", new_password2: "" },
  });
  const { errors } = form.formState;
  const value = useWatch({ control: form.control, name: "new_password" });
  const faults = value ? passwordFaults(value, [user?.username ?? "", user?.email ?? ""]) : [];
  const told = useTold();
  const send = useSubmit(
    form.handleSubmit(async (values) => {
      try {
        const given = await change.mutateAsync(values);
        if (given.access_token) useSession.getState().renew(given.access_token);
        form.reset();
        toast.success(t("security.passwordChanged"));
      } catch (error) {
        putServerErrors(error, NAMES, form.setError);
      }
    }),
  );
  return (
    <Card>
      <form onSubmit={send} noValidate className="flex flex-col gap-4">
        <h2 className="text-lg font-bold">{t("security.password")}</h2>
        {change.error && <Notice tone="bad">{say(change.error, NAMES)}</Notice>}
        <Field label={t("security.oldPassword")} error={told(errors.old_password)} required>
          <Input
            {...form.register("old_password")}
            type="password"
            autoComplete="current-password"
            dir="ltr"
            className="text-start"
          />
        </Field>
        <Field
          label={t("auth:reset.new")}
          hint={faults.map((fault) => t(`auth:password.${fault}`)).join(" · ") || undefined}
          error={told(errors.new_password)}
          required
        >
          <Input
            {...form.register("new_password")}
            type="password"
            autoComplete="new-password"
            dir="ltr"
            className="text-start"
          />
        </Field>
        <Field label={t("auth:password.repeat")} error={told(errors.new_password2)} required>
          <Input
            {...form.register("new_password2")}
            type="password"
            autoComplete="new-password"
            dir="ltr"
            className="text-start"
          />
        </Field>
        <Button type="submit" busy={change.isPending} className="self-start">
          {t("security.changePassword")}
        </Button>
      </form>
    </Card>
  );
}

function Devices() {
  const { t } = useTranslation("settings");
  const say = useErrorText();
  const [asking, setAsking] = useState(false);
  const leave = useLogOutEverywhere();
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="text-lg font-bold">{t("security.devices")}</h2>
      <p className="text-ink-soft">{t("security.devicesWhy")}</p>
      <Button look="secondary" className="self-start" onClick={() => setAsking(true)}>
        {t("security.logOutAll")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("security.logOutAll")}
        description={t("security.logOutAllWhy")}
        confirm={t("security.logOutAll")}
        onConfirm={() => leave.mutateAsync()}
      >
        {leave.error && <Notice tone="bad">{say(leave.error)}</Notice>}
      </ConfirmDialog>
    </Card>
  );
}

function Data() {
  const { t } = useTranslation("settings");
  const say = useErrorText();
  const take = useExport();
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="text-lg font-bold">{t("security.data")}</h2>
      <p className="text-ink-soft">{t("security.dataWhy")}</p>
      {take.error && <Notice tone="bad">{say(take.error)}</Notice>}
      <Button look="secondary" className="self-start" busy={take.isPending} onClick={() => take.mutate()}>
        {t("security.export")}
      </Button>
    </Card>
  );
}

function Leave() {
  const { t } = useTranslation(["settings", "auth", "common"]);
  const say = useErrorText();
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState(false);
  const end = useDeleteAccount();
  return (
    <Card className="flex flex-col gap-3 border-bad">
      <h2 className="text-lg font-bold">{t("security.delete")}</h2>
      <p className="text-ink-soft">{t("security.deleteWhy")}</p>
      <Button look="danger" className="self-start" onClick={() => setAsking(true)}>
        {t("security.delete")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        danger
        title={t("security.delete")}
        description={t("security.deleteSure")}
        confirm={t("security.delete")}
        onConfirm={() => {
          setMissing(!password);
          return password ? end.mutateAsync(password) : false;
        }}
      >
        <div className="flex flex-col gap-3">
          {end.error && <Notice tone="bad">{say(end.error, ["password"])}</Notice>}
          <Field
            label={t("auth:login.password")}
            error={missing ? t("common:form.required") : faultOf(end.error, "password")}
            required
          >
            <Input
              type="password"
              value={password}
              onChange={(event) => {
                setPassword(event.target.value);
                setMissing(false);
              }}
              maxLength={128}
              autoComplete="current-password"
              dir="ltr"
              className="text-start"
            />
          </Field>
        </div>
      </ConfirmDialog>
    </Card>
  );
}
