import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { nameOf, useCategories } from "@/api/catalogue";
import { patch, post } from "@/api/client";
import { useChangeWishes, wishesQuery, type Wishes } from "@/api/wishes";
import { Page } from "@/components/layout/Shell";
import { MySkills } from "@/components/skills/MySkills";
import {
  Button,
  Card,
  Checkbox,
  Choices,
  Field,
  Input,
  LoadError,
  Notice,
  Radio,
  SkeletonList,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { mayApply, useSession, type OwnUser } from "@/lib/session";
import { store, stored } from "@/lib/storage";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

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

function Buttons({
  onNext,
  onBack,
  busy = false,
  last = false,
}: {
  onNext?: () => void;
  onBack: (() => void) | undefined;
  busy?: boolean;
  last?: boolean;
}) {
  const { t } = useTranslation(["onboarding", "common"]);
  return (
    <div className="mt-6 flex flex-wrap justify-between gap-2">
      {onBack ? (
        <Button look="secondary" onClick={onBack}>
          {t("common:action.back")}
        </Button>
      ) : (
        <span />
      )}
      <Button type={onNext ? "button" : "submit"} onClick={onNext} busy={busy}>
        {t(last ? "finish" : "common:action.next")}
      </Button>
    </div>
  );
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
  const send = async () => {
    try {
      if (type !== user.user_type && type !== "admin") await keep.mutateAsync({ user_type: type });
      onDone();
    } catch {
      // Shown above the choices.
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
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
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate({ city: city.trim() }, { onSuccess: onDone });
      }}
    >
      {keep.error && <Notice tone="bad">{say(keep.error)}</Notice>}
      <Field label={t("city")} hint={t("cityHint")} optional>
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
  step: Step;
  onDone: () => void;
  onBack: (() => void) | undefined;
}) {
  const wishes = useQuery(wishesQuery);
  if (wishes.isPending) return <SkeletonList rows={2} />;
  if (wishes.error) return <LoadError error={wishes.error} retry={() => void wishes.refetch()} />;
  return <WishForm step={step} wishes={wishes.data} onDone={onDone} onBack={onBack} />;
}

function WishForm({
  step,
  wishes,
  onDone,
  onBack,
}: {
  step: Step;
  wishes: Wishes;
  onDone: () => void;
  onBack: (() => void) | undefined;
}) {
  const { t } = useTranslation("onboarding");
  const say = useErrorText();
  const keep = useChangeWishes();
  const categories = useCategories();
  const [interests, setInterests] = useState<string[]>(wishes.interests as string[]);
  const [least, setLeast] = useState(wishes.min_budget ?? "");
  const [most, setMost] = useState(wishes.max_budget ?? "");
  const [place, setPlace] = useState(wishes.preferred_location);
  const [remote, setRemote] = useState(wishes.prefer_remote);
  const [physical, setPhysical] = useState(wishes.prefer_physical);
  const values = {
    interests: { interests },
    budget: { min_budget: least || null, max_budget: most || null },
    place: { preferred_location: place.trim(), prefer_remote: remote, prefer_physical: physical },
  }[step as "interests" | "budget" | "place"];
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate(values, { onSuccess: onDone });
      }}
    >
      {keep.error && <Notice tone="bad">{say(keep.error)}</Notice>}
      {step === "interests" && (
        <Choices legend={t("interests")}>
          <div className="grid gap-x-4 sm:grid-cols-2">
            {categories.data?.map((category) => (
              <Checkbox
                key={category.slug}
                label={nameOf(category)}
                checked={interests.includes(category.slug)}
                onChange={(event) =>
                  setInterests(
                    event.target.checked
                      ? [...interests, category.slug]
                      : interests.filter((slug) => slug !== category.slug),
                  )
                }
              />
            ))}
          </div>
        </Choices>
      )}
      {step === "budget" && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("least")} optional>
            <Input
              type="number"
              inputMode="numeric"
              min={0}
              step={50}
              value={least}
              onChange={(event) => setLeast(event.target.value)}
              dir="ltr"
            />
          </Field>
          <Field label={t("most")} optional>
            <Input
              type="number"
              inputMode="numeric"
              min={0}
              step={50}
              value={most}
              onChange={(event) => setMost(event.target.value)}
              dir="ltr"
            />
          </Field>
        </div>
      )}
      {step === "place" && (
        <>
          <Field label={t("city")} hint={t("workCityHint")} optional>
            <Input value={place} onChange={(event) => setPlace(event.target.value)} maxLength={100} />
          </Field>
          <div>
            <Checkbox
              label={t("remote")}
              checked={remote}
              onChange={(event) => setRemote(event.target.checked)}
            />
            <Checkbox
              label={t("physical")}
              checked={physical}
              onChange={(event) => setPhysical(event.target.checked)}
            />
          </div>
        </>
      )}
      <Buttons onBack={onBack} busy={keep.isPending} />
    </form>
  );
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
