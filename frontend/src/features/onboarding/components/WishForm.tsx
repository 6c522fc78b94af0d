import { useState } from "react";
import { useTranslation } from "react-i18next";

import { nameOf, useCategories } from "@/api/catalogue";
import { useChangeWishes, type Wishes } from "@/api/wishes";
import { Checkbox, Choices, Field, Input, Notice } from "@/components/ui";
import { latinDigits } from "@/lib/rules";
import { useErrorText } from "@/lib/useErrorText";
import { useSubmit } from "@/lib/useSubmit";
import { faultOf } from "@/lib/useTold";

import { Buttons } from "./Buttons";

const AMOUNT = /^\d{1,8}(\.\d{1,2})?$/;
const BUDGET = ["min_budget", "max_budget"] as const;

/** What a freelancer looks for: one step of it. */
export function WishForm({
  step,
  wishes,
  onDone,
  onBack,
}: {
  step: "interests" | "budget" | "place";
  wishes: Wishes;
  onDone: () => void;
  onBack: (() => void) | undefined;
}) {
  const { t } = useTranslation("onboarding");
  const say = useErrorText();
  const keep = useChangeWishes();
  const categories = useCategories();
  const [interests, setInterests] = useState<string[]>(wishes.interests as string[]);
  const [least, setLeast] = useState(wishes.min_budget ? String(Number(wishes.min_budget)) : "");
  const [most, setMost] = useState(wishes.max_budget ? String(Number(wishes.max_budget)) : "");
  const [place, setPlace] = useState(wishes.preferred_location);
  const [remote, setRemote] = useState(wishes.prefer_remote);
  const [physical, setPhysical] = useState(wishes.prefer_physical);
  const [told, setTold] = useState(false);
  const typed = { min_budget: latinDigits(least.trim()), max_budget: latinDigits(most.trim()) };
  const isWrong = (name: keyof typeof typed) => typed[name] !== "" && !AMOUNT.test(typed[name]);
  const fault = (name: keyof typeof typed) =>
    told && isWrong(name) ? t("amountRule") : faultOf(keep.error, name);
  const values = {
    interests: { interests },
    budget: { min_budget: typed.min_budget || null, max_budget: typed.max_budget || null },
    place: { preferred_location: place.trim(), prefer_remote: remote, prefer_physical: physical },
  }[step];
  const send = useSubmit(async () => {
    setTold(step === "budget");
    if (step === "budget" && BUDGET.some(isWrong)) return;
    await keep.mutateAsync(values);
    onDone();
  });
  const shown = step === "budget" ? BUDGET : step === "place" ? ["preferred_location"] : [];
  return (
    <form className="flex flex-col gap-4" onSubmit={send} noValidate>
      {keep.error && <Notice tone="bad">{say(keep.error, shown)}</Notice>}
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
          <Field label={t("least")} error={fault("min_budget")} optional>
            <Input
              inputMode="decimal"
              value={least}
              onChange={(event) => setLeast(event.target.value)}
              dir="ltr"
            />
          </Field>
          <Field label={t("most")} error={fault("max_budget")} optional>
            <Input
              inputMode="decimal"
              value={most}
              onChange={(event) => setMost(event.target.value)}
              dir="ltr"
            />
          </Field>
        </div>
      )}
      {step === "place" && (
        <>
          <Field
            label={t("city")}
            hint={t("workCityHint")}
            error={faultOf(keep.error, "preferred_location")}
            optional
          >
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
