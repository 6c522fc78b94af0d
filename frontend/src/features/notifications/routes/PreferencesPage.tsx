import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { allowPush, dropPush, pushSupported } from "@/api/push";
import type { Schemas } from "@/api/types";
import { SettingsFrame } from "@/components/settings/SettingsFrame";
import { Button, Card, Field, Input, LoadError, Notice, Select, SkeletonList } from "@/components/ui";
import { number } from "@/lib/format";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { useSubmit } from "@/lib/useSubmit";
import { faultOf } from "@/lib/useTold";

import {
  allDeliveriesQuery,
  preferencesQuery,
  pushQuery,
  testPush,
  useChangePreferences,
  type Preferences,
} from "../api/notifications";
import { DeliveryRows } from "../components/Why";

const CHANNELS = ["in_app", "email", "push"] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export default function PreferencesPage() {
  const { t } = useTranslation("notifications");
  const found = useQuery(preferencesQuery);
  usePageTitle(t("prefs.title"));
  return (
    <SettingsFrame title={t("prefs.title")}>
      {found.isPending && <SkeletonList />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <>
          <Matrix preferences={found.data} />
          <Quiet preferences={found.data} />
          <Digest preferences={found.data} />
        </>
      )}
      <Push />
      <WhyNot />
    </SettingsFrame>
  );
}

function useKeep() {
  const { t } = useTranslation("common");
  const say = useErrorText();
  const change = useChangePreferences();
  return (values: Schemas["PatchedNotificationPreferencesRequest"]) =>
    change.mutate(values, {
      onSuccess: () => toast.success(t("form.saved"), { id: "preferences" }),
      onError: (error) => toast.error(say(error)),
    });
}

function Matrix({ preferences }: { preferences: Preferences }) {
  const { t } = useTranslation("notifications");
  const keep = useKeep();
  const types = Object.keys(preferences.matrix ?? {}) as Schemas["NotificationTypeEnum"][];
  return (
    <Card className="overflow-x-auto">
      <table className="w-full text-start">
        <caption className="mb-3 text-start text-lg font-bold">{t("prefs.matrix")}</caption>
        <thead>
          <tr>
            <th scope="col" className="text-start font-medium text-ink-soft">
              {t("prefs.type")}
            </th>
            {CHANNELS.map((channel) => (
              <th
                key={channel}
                scope="col"
                className="p-1 text-center text-sm font-medium whitespace-nowrap text-ink-soft sm:p-2 sm:text-base"
              >
                {t(`channel.${channel}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {types.map((type) => {
            const locked = preferences.locked.includes(type);
            return (
              <tr key={type} className="border-t border-line">
                <th scope="row" className="py-2 text-start font-medium">
                  {t(`type.${type}`)}
                  {locked && (
                    <span className="ms-2 inline-flex items-center gap-1 text-sm font-normal whitespace-nowrap text-ink-soft">
                      <Lock aria-hidden className="size-3.5" />
                      {t("prefs.locked")}
                    </span>
                  )}
                </th>
                {CHANNELS.map((channel) => (
                  <td key={channel} className="text-center">
                    <label className="inline-flex size-11 cursor-pointer items-center justify-center">
                      <input
                        type="checkbox"
                        className="size-5 accent-brand"
                        aria-label={t("prefs.cell", {
                          type: t(`type.${type}`),
                          channel: t(`channel.${channel}`),
                        })}
                        checked={preferences.matrix?.[type]?.[channel] ?? false}
                        disabled={locked}
                        onChange={(event) =>
                          keep({ matrix: { [type]: { [channel]: event.target.checked } } })
                        }
                      />
                    </label>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}

function Quiet({ preferences }: { preferences: Preferences }) {
  const { t } = useTranslation(["notifications", "common"]);
  const say = useErrorText();
  const change = useChangePreferences();
  const [from, setFrom] = useState(preferences.quiet_from ?? "");
  const [to, setTo] = useState(preferences.quiet_to ?? "");
  const [half, setHalf] = useState(false);
  const keep = async (values: Schemas["PatchedNotificationPreferencesRequest"]) => {
    await change.mutateAsync(values);
    toast.success(t("common:form.saved"), { id: "preferences" });
  };
  const send = useSubmit(async () => {
    setHalf(!from !== !to);
    if (!from === !to) await keep({ quiet_from: from || null, quiet_to: to || null });
  });
  const end = useSubmit(async () => {
    setHalf(false);
    await keep({ quiet_from: null, quiet_to: null });
    setFrom("");
    setTo("");
  });
  const missing = (value: string) => (half && !value ? t("common:form.required") : undefined);
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="text-lg font-bold">{t("quiet.title")}</h2>
      <p className="text-ink-soft">{t("quiet.why")}</p>
      {change.error && <Notice tone="bad">{say(change.error, ["quiet_from", "quiet_to"])}</Notice>}
      <form className="flex flex-wrap items-start gap-3" onSubmit={send} noValidate>
        <Field label={t("quiet.from")} error={missing(from) ?? faultOf(change.error, "quiet_from")}>
          <Input type="time" value={from} onChange={(event) => setFrom(event.target.value)} dir="ltr" />
        </Field>
        <Field label={t("quiet.to")} error={missing(to) ?? faultOf(change.error, "quiet_to")}>
          <Input type="time" value={to} onChange={(event) => setTo(event.target.value)} dir="ltr" />
        </Field>
        <Button type="submit" look="secondary" className="mt-7.5" busy={change.isPending}>
          {t("keep")}
        </Button>
        {(preferences.quiet_from || preferences.quiet_to) && (
          <Button look="quiet" className="mt-7.5" busy={change.isPending} onClick={end}>
            {t("quiet.off")}
          </Button>
        )}
      </form>
    </Card>
  );
}

function Digest({ preferences }: { preferences: Preferences }) {
  const { t } = useTranslation("notifications");
  const keep = useKeep();
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="text-lg font-bold">{t("digest.title")}</h2>
      <p className="text-ink-soft">{t("digest.why")}</p>
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label={t("digest.rhythm")}>
          <Select
            value={preferences.digest}
            onChange={(event) => keep({ digest: event.target.value as Preferences["digest"] })}
          >
            {(["off", "daily", "weekly"] as const).map((rhythm) => (
              <option key={rhythm} value={rhythm}>
                {t(`digest.${rhythm}`)}
              </option>
            ))}
          </Select>
        </Field>
        {preferences.digest !== "off" && (
          <Field label={t("digest.hour")}>
            <Select
              value={preferences.digest_hour}
              onChange={(event) => keep({ digest_hour: Number(event.target.value) })}
            >
              {HOURS.map((hour) => (
                <option key={hour} value={hour}>
                  {number(hour)}:{number(0)}
                  {number(0)}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {preferences.digest === "weekly" && (
          <Field label={t("digest.weekday")}>
            <Select
              value={preferences.digest_weekday}
              onChange={(event) => keep({ digest_weekday: Number(event.target.value) })}
            >
              {[5, 6, 0, 1, 2, 3, 4].map((weekday) => (
                <option key={weekday} value={weekday}>
                  {t(`weekday.${weekday}`)}
                </option>
              ))}
            </Select>
          </Field>
        )}
      </div>
    </Card>
  );
}

function Push() {
  const { t } = useTranslation(["notifications", "common"]);
  const say = useErrorText();
  const client = useQueryClient();
  const found = useQuery(pushQuery);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<{ tone: "good" | "bad"; text: string } | null>(null);
  const act = async (work: () => Promise<{ tone: "good" | "bad"; text: string } | null>) => {
    setBusy(true);
    try {
      setTold(await work());
      await client.invalidateQueries({ queryKey: pushQuery.queryKey });
    } catch (error) {
      setTold({ tone: "bad", text: say(error) });
    } finally {
      setBusy(false);
    }
  };
  const push = found.data;
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="text-lg font-bold">{t("push.title")}</h2>
      <p className="text-ink-soft">{t("push.why")}</p>
      {found.isPending && <SkeletonList rows={1} />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {told && <Notice tone={told.tone}>{told.text}</Notice>}
      {push && !push.enabled && <Notice>{push.detail}</Notice>}
      {push?.enabled && !pushSupported() && <Notice>{t("push.unsupported")}</Notice>}
      {push?.enabled && pushSupported() && (
        <div className="flex flex-wrap gap-2">
          <Button
            busy={busy}
            onClick={() =>
              void act(async () =>
                (await allowPush(push.public_key ?? ""))
                  ? { tone: "good", text: t("push.allowed") }
                  : { tone: "bad", text: t("push.refused") },
              )
            }
          >
            {t("push.allow")}
          </Button>
          {push.subscriptions.length > 0 && (
            <Button
              look="secondary"
              busy={busy}
              onClick={() =>
                void act(async () => {
                  await testPush();
                  return { tone: "good", text: t("push.tested") };
                })
              }
            >
              {t("push.test")}
            </Button>
          )}
        </div>
      )}
      <ul className="flex flex-col gap-2">
        {push?.subscriptions.map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap items-center justify-between gap-2 rounded-xl bg-sunken px-4 py-2"
          >
            <bdi className="min-w-0 truncate">{one.user_agent || one.service}</bdi>
            <Button
              look="quiet"
              size="sm"
              onClick={() =>
                void act(async () => {
                  await dropPush(one.id);
                  return null;
                })
              }
            >
              {t("push.drop")}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** "Why did I not get this?": what became of everything lately. */
function WhyNot() {
  const { t } = useTranslation("notifications");
  const [state, setState] = useState("");
  const [open, setOpen] = useState(false);
  const found = useQuery({
    ...allDeliveriesQuery({ state: state || undefined, page_size: "30" }),
    enabled: open,
  });
  return (
    <Card>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="cursor-pointer text-lg font-bold">{t("whyNot.title")}</summary>
        <div className="mt-3 flex flex-col gap-4">
          <p className="text-ink-soft">{t("whyNot.sub")}</p>
          <Field label={t("whyNot.state")}>
            <Select value={state} onChange={(event) => setState(event.target.value)}>
              <option value="">{t("all")}</option>
              {(["sent", "merged", "deferred", "suppressed", "uncertain", "failed"] as const).map((one) => (
                <option key={one} value={one}>
                  {t(`state.${one}`)}
                </option>
              ))}
            </Select>
          </Field>
          {open && found.isPending && <SkeletonList rows={2} />}
          {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
          {found.data?.results.length === 0 && <p className="text-ink-soft">{t("none")}</p>}
          {found.data?.results.map((row) => (
            <div key={row.id}>
              <p className="font-semibold">{row.title}</p>
              <DeliveryRows rows={[row]} />
            </div>
          ))}
        </div>
      </details>
    </Card>
  );
}
