import { Check, Circle, Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Field, IconButton, Input } from "@/components/ui";
import { cn } from "@/lib/cn";
import { passwordFaults } from "@/lib/passwords";

type Props = {
  label: string;
  repeatLabel: string;
  value: string;
  about?: string[];
  first: React.ComponentProps<"input">;
  second: React.ComponentProps<"input">;
  errors: { first?: string; second?: string };
};

/** A new password and its repetition, with the rules it has to meet ticked off as one types. */
export function PasswordFields({ label, repeatLabel, value, about = [], first, second, errors }: Props) {
  const { t } = useTranslation(["auth", "common"]);
  const [seen, setSeen] = useState(false);
  const faults = passwordFaults(value, about);
  return (
    <>
      <Field
        label={label}
        error={errors.first}
        required
        hint={
          <span className="flex flex-col">
            {(["short", "numeric", "similar"] as const).map((rule) => {
              const met = value !== "" && !faults.includes(rule);
              return (
                <span key={rule} className={cn("flex items-center gap-1.5", met && "text-good")}>
                  {met ? <Check aria-hidden className="size-4" /> : <Circle aria-hidden className="size-3" />}
                  {t(`password.${rule}`)}
                </span>
              );
            })}
          </span>
        }
      >
        <div className="flex gap-1">
          <Input
            {...first}
            type={seen ? "text" : "password"}
            autoComplete="new-password"
            dir="ltr"
            className="text-start"
          />
          <IconButton label={t(seen ? "password.hide" : "password.show")} onClick={() => setSeen(!seen)}>
            {seen ? <EyeOff aria-hidden className="size-5" /> : <Eye aria-hidden className="size-5" />}
          </IconButton>
        </div>
      </Field>
      <Field label={repeatLabel} error={errors.second} required>
        <Input
          {...second}
          type={seen ? "text" : "password"}
          autoComplete="new-password"
          dir="ltr"
          className="text-start"
        />
      </Field>
    </>
  );
}
