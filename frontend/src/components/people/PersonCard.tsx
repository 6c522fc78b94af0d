import { BadgeCheck, MapPin } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { fullName } from "@/api/tasks";
import type { Schemas } from "@/api/types";
import { Avatar, Badge, Rating, Said } from "@/components/ui";
import { paths } from "@/config/paths";

/** A freelancer in a list. */
export function PersonCard({
  person,
  aside,
  children,
}: {
  person: Schemas["PublicProfile"];
  aside?: ReactNode;
  children?: ReactNode;
}) {
  const { t } = useTranslation("people");
  return (
    <article className="flex h-full flex-col gap-3 rounded-2xl border border-line bg-raised p-4 shadow-card hover:border-line-strong sm:p-5">
      <div className="flex items-start gap-3">
        <Avatar name={fullName(person)} src={person.profile_picture} />
        <div className="min-w-0 flex-1">
          <h2 className="text-lg leading-snug font-bold">
            <Link to={paths.user(person.id)} className="hover:underline hover:underline-offset-4">
              <Said>{fullName(person)}</Said>
            </Link>
            {person.is_verified && (
              <BadgeCheck aria-label={t("verified")} className="ms-1 inline size-5 text-brand" />
            )}
          </h2>
          <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-soft">
            <Rating value={person.average_rating} count={person.total_reviews} />
            {person.city && (
              <span className="inline-flex items-center gap-1">
                <MapPin aria-hidden className="size-4" />
                <Said>{person.city}</Said>
              </span>
            )}
          </p>
        </div>
        {aside}
      </div>
      {person.bio && (
        <p dir="auto" className="line-clamp-3 text-ink-soft">
          {person.bio}
        </p>
      )}
      {person.skills.length > 0 && (
        <ul className="flex flex-wrap gap-1.5" aria-label={t("skills")}>
          {person.skills.slice(0, 6).map((skill) => (
            <li key={skill.id}>
              <Badge>{skill.name}</Badge>
            </li>
          ))}
        </ul>
      )}
      {children}
    </article>
  );
}
