import { useQuery } from "@tanstack/react-query";
import { BadgeCheck, MapPin, MessageCircle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { toast } from "sonner";

import { fullName, tasksQuery } from "@/api/tasks";
import { Page } from "@/components/layout/Shell";
import { ReviewList } from "@/components/people/ReviewList";
import { TaskCard } from "@/components/tasks/TaskCard";
import {
  Avatar,
  Badge,
  Button,
  Card,
  LinkButton,
  LoadError,
  Pager,
  Rating,
  Said,
  SkeletonList,
  Time,
} from "@/components/ui";
import { paths } from "@/config/paths";
import { number } from "@/lib/format";
import { useSession } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

import { personQuery, reviewsQuery, talkTo, type Person } from "../api/people";

export default function UserPage() {
  const { id = "" } = useParams();
  const found = useQuery(personQuery(id));
  usePageTitle(found.data && fullName(found.data));
  return (
    <Page>
      {found.isPending && <SkeletonList rows={3} />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Profile key={id} person={found.data} />}
    </Page>
  );
}

function Profile({ person }: { person: Person }) {
  const { t } = useTranslation(["people", "skills", "common"]);
  const { user, state } = useSession();
  const isMe = user?.id === person.id;
  return (
    <div className="grid gap-6 lg:grid-cols-[20rem_1fr]">
      <aside className="flex flex-col gap-4">
        <Card className="flex flex-col items-center gap-3 text-center">
          <Avatar name={fullName(person)} src={person.profile_picture} size="lg" />
          <h1 className="text-2xl font-bold">
            <Said>{fullName(person)}</Said>
            {person.is_verified && (
              <BadgeCheck aria-label={t("verified")} className="ms-1 inline size-6 text-brand" />
            )}
          </h1>
          <Rating value={person.average_rating} count={person.total_reviews} />
          <Badge>{t(`common:userType.${person.user_type}`)}</Badge>
          {person.city && (
            <p className="inline-flex items-center gap-1 text-ink-soft">
              <MapPin aria-hidden className="size-4" />
              <Said>{person.city}</Said>
            </p>
          )}
          <p className="text-sm text-ink-soft">
            {t("since")} <Time iso={person.created_at} as="day" />
          </p>
          {isMe && (
            <LinkButton look="secondary" to={paths.profile}>
              {t("common:action.edit")}
            </LinkButton>
          )}
          {!isMe && state === "user" && <TalkButton person={person} />}
        </Card>
        {person.skills.length > 0 && (
          <Card>
            <h2 className="mb-2 font-bold">{t("skills")}</h2>
            <ul className="flex flex-col gap-2">
              {person.skills.map((skill) => (
                <li key={skill.id} className="flex items-center justify-between gap-2">
                  <span className="font-medium">{skill.name}</span>
                  <span className="text-sm text-ink-soft">
                    {t(`skills:level.${skill.proficiency_level}`)}
                    {skill.years_experience &&
                      ` · ${t("years", { count: Math.round(Number(skill.years_experience)) })}`}
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </aside>
      <div className="flex min-w-0 flex-col gap-6">
        {person.bio && (
          <Card>
            <h2 className="mb-2 text-lg font-bold">{t("about")}</h2>
            <p dir="auto" className="whitespace-pre-line">
              {person.bio}
            </p>
          </Card>
        )}
        <Services id={person.id} />
        <Reviews id={String(person.id)} />
      </div>
    </div>
  );
}

function TalkButton({ person }: { person: Person }) {
  const { t } = useTranslation("people");
  const navigate = useNavigate();
  const say = useErrorText();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    try {
      await navigate(paths.conversation((await talkTo(person.id)).id));
    } catch (error) {
      toast.error(say(error));
      setBusy(false);
    }
  };
  return (
    <Button busy={busy} onClick={() => void open()} icon={<MessageCircle aria-hidden className="size-5" />}>
      {t("message")}
    </Button>
  );
}

function Services({ id }: { id: number }) {
  const { t } = useTranslation("people");
  const found = useQuery(tasksQuery({ client: String(id), status: "OPEN" }));
  if (!found.data?.results.length) return null;
  return (
    <section>
      <h2 className="mb-3 text-lg font-bold">{t("listings")}</h2>
      <ul className="grid gap-3 md:grid-cols-2">
        {found.data.results.slice(0, 6).map((task) => (
          <li key={task.id}>
            <TaskCard task={task} level="h3" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reviews({ id }: { id: string }) {
  const { t } = useTranslation("people");
  const page = useSearchParams()[0].get("page") ?? "1";
  const found = useQuery(reviewsQuery(id, page));
  return (
    <Card>
      <h2 className="mb-3 text-lg font-bold">
        {t("reviews")}{" "}
        {found.data && found.data.count > 0 && (
          <span className="text-ink-soft">({number(found.data.count)})</span>
        )}
      </h2>
      {found.isPending && <SkeletonList rows={1} />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data?.results.length === 0 && <p className="text-ink-soft">{t("noReviews")}</p>}
      {found.data && <ReviewList reviews={found.data.results} />}
      {found.data && <Pager count={found.data.count} />}
    </Card>
  );
}
