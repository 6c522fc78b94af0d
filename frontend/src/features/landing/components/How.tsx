import { Bell, Search, ShieldCheck, Sparkles, Star, Users, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";

/** What one gets here, in six points. */
export default function How() {
  const { t } = useTranslation("landing");
  const points: { Icon: LucideIcon; name: string }[] = [
    { Icon: Sparkles, name: "match" },
    { Icon: Bell, name: "seconds" },
    { Icon: Users, name: "compare" },
    { Icon: ShieldCheck, name: "private" },
    { Icon: Star, name: "reviews" },
    { Icon: Search, name: "search" },
  ];
  return (
    <section aria-labelledby="how">
      <h2 id="how" className="mb-4 text-2xl font-bold">
        {t("how")}
      </h2>
      <ul className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
        {points.map(({ Icon, name }) => (
          <li key={name} className="flex gap-3">
            <Icon aria-hidden className="mt-1 size-6 shrink-0 text-brand" />
            <div>
              <h3 className="font-bold">{t(`point.${name}.title`)}</h3>
              <p className="text-ink-soft">{t(`point.${name}.text`)}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
