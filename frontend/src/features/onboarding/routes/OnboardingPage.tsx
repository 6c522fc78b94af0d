import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { patch, post } from "@/api/client";
import { wishesQuery } from "@/api/wishes";
import { Page } from "@/components/layout/Shell";
import { MySkills } from "@/components/skills/MySkills";
import { Card, Choices, Field, Input, LoadError, Notice, Radio, SkeletonList } from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { mayApply, useSession, type OwnUser } from "@/lib/session";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";
import { useSubmit } from "@/lib/useSubmit";
import { faultOf } from "@/lib/useTold";

import { Buttons } from "../components/Buttons";
import { WishForm } from "../components/WishForm";

const STEPS = ["role", "skills", "interests", "budget", "place", "notifications"] as const;
type Step = (typeof STEPS)[number];
const CLIENT_STEPS: readonly Step[] = ["role", "place", "notifications"];
const TYPES = ["client", "freelancer", "both"] as const;

const asked = (): Step => STEPS.find((step) => step === stored("onboarding")) ?? "role";

/** First steps after registering. Each is kept when one goes on, so that it can be left and taken up again. */
export default function OnboardingPage() {
  const { t } = useTranslation(["onboarding", "common"]);
  const user = useSession((session) => session.user);
  const [step, setStep] = useState<Step>(asked);
  usePageTitle(t("title"));
  if (!user) return null;
  const steps = mayApply(user) ? STEPS : CLIENT_STEPS;
  const at = Math.max(0, steps.indexOf(step));
  const go = (next: number) => {
    const to = steps[next] ?? "role";
    store("onboarding", to);
    setStep(to);
  };
  return (
    <Page narrow>
      <h1 className="text-2xl font-bold">{t("title")}</h1>
      <p className="mt-1 text-ink-soft">{t("why")}</p>
      <ol className="my-6 flex gap-1.5" aria-label={t("progress")}>
        {steps.map((one, index) => (
          <li key={one} className="flex-1" aria-current={index === at ? "step" : undefined}>
            <span className={cn("block h-1.5 rounded-full", index <= at ? "bg-brand" : "bg-line")} />
            <span
              className={cn(
                "mt-1 hidden items-center gap-1 text-sm sm:flex",
                index === at ? "font-semibold" : "text-ink-soft",
              )}
            >
              {index < at && <Check aria-hidden className="size-4 text-good" />}
              {t(`step.${one}`)}
            </span>
          </li>
        ))}
      </ol>
      <Card>
        <h2 className="mb-4 text-xl font-bold">{t(`ask.${steps[at] ?? "role"}`)}</h2>
        <StepBody
          key={steps[at]}
          step={steps[at] ?? "role"}
          user={user}
          onDone={() => go(at + 1)}
          onBack={at > 0 ? () => go(at - 1) : undefined}
        />
      </Card>
    </Page>
  );
}

type BodyProps = { step: Step; user: OwnUser; onDone: () => void; onBack: (() => void) | undefined };

function StepBody({ step, user, onDone, onBack }: BodyProps) {
  switch (step) {
    case "role":
      return <Role user={user} onDone={onDone} />;
    case "skills":
      return (
        <>
          <MySkills />
          <Buttons onNext={onDone} onBack={onBack} />
        </>
      );
    case "notifications":
      return <Finish onBack={onBack} />;
    case "place":
      return mayApply(user) ? (
        <WishStep step={step} onDone={onDone} onBack={onBack} />
      ) : (
        <City user={user} onDone={onDone} onBack={onBack} />
      );
    default:
      return <WishStep step={step} onDone={onDone} onBack={onBack} />;
  }
}

function useKeepUser() {
  return useMutation({
    mutationFn: (values: Partial<Pick<OwnUser, "user_type" | "city">>) =>
      patch<OwnUser>("/auth/user/", values),
    onSuccess: (user) => useSession.getState().change(user),
  });
}

function Role({ user, onDone }: { user: OwnUser; onDone: () => void }) {
  const { t } = useTranslation(["auth", "onboarding"]);
  const say = useErrorText();
  const keep = useKeepUser();
  const [type, setType] = useState(user.user_type);
  const send = useSubmit(async () => {
    if (type !== user.user_type && type !== "admin") await keep.mutateAsync({ user_type: type });
    onDone();
  });
  return (
    <form onSubmit={send}>
      {keep.error && <Notice tone="bad">{say(keep.error)}</Notice>}
      <Choices legend={t("auth:register.who")}>
        {TYPES.map((one) => (
          <Radio
            key={one}
            name="type"
            value={one}
            checked={type === one}
            onChange={() => setType(one)}
            label={t(`auth:register.${one}`)}
            hint={t(`auth:register.${one}Hint`)}
          />
        ))}
      </Choices>
      <Buttons onBack={undefined} busy={keep.isPending} />
    </form>
  );
}

function City({
  user,
  onDone,
  onBack,
}: {
  user: OwnUser;
  onDone: () => void;
  onBack: (() => void) | undefined;
}) {
  const { t } = useTranslation("onboarding");
  const say = useErrorText();
  const keep = useKeepUser();
  const [city, setCity] = useState(user.city);
  const send = useSubmit(async () => {
    await keep.mutateAsync({ city: city.trim() });
    onDone();
  });
  return (
    <form onSubmit={send} noValidate>
      {keep.error && <Notice tone="bad">{say(keep.error, ["city"])}</Notice>}
      <Field label={t("city")} hint={t("cityHint")} error={faultOf(keep.error, "city")} optional>
        <Input
          value={city}
          onChange={(event) => setCity(event.target.value)}
          autoComplete="address-level2"
          maxLength={100}
        />
      </Field>
      <Buttons onBack={onBack} busy={keep.isPending} />
    </form>
  );
}

function WishStep({
  step,
  onDone,
  onBack,
}: {
  step: "interests" | "budget" | "place";
  onDone: () => void;
  onBack: (() => void) | undefined;
}) {
  const wishes = useQuery(wishesQuery);
  if (wishes.isPending) return <SkeletonList rows={2} />;
  if (wishes.error) return <LoadError error={wishes.error} retry={() => void wishes.refetch()} />;
  return <WishForm step={step} wishes={wishes.data} onDone={onDone} onBack={onBack} />;
}

function Finish({ onBack }: { onBack: (() => void) | undefined }) {
  const { t } = useTranslation("onboarding");
  const navigate = useNavigate();
  const client = useQueryClient();
  const user = useSession((session) => session.user);
  const say = useErrorText();
  const done = useMutation({
    mutationFn: async () => {
      if (mayApply(user)) await post("/recommendations/onboarding/", {});
    },
    onSuccess: async () => {
      store("onboarding", null);
      await client.invalidateQueries();
      await navigate(mayApply(user) ? paths.recommendations : paths.taskNew());
    },
  });
  return (
    <div className="flex flex-col gap-3">
      {done.error && <Notice tone="bad">{say(done.error)}</Notice>}
      <p>{t("notificationsWhy")}</p>
      <a
        className="font-medium text-brand underline underline-offset-4"
        href={paths.settingsNotifications}
        target="_blank"
        rel="noreferrer"
      >
        {t("notificationsOpen")}
      </a>
      <Buttons onBack={onBack} onNext={() => done.mutate()} busy={done.isPending} last />
    </div>
  );
}
