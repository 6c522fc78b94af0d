import { useQuery } from "@tanstack/react-query";
import {
  Brush,
  Code,
  GraduationCap,
  Handshake,
  Home,
  LifeBuoy,
  Megaphone,
  MoreHorizontal,
  PenLine,
  Search,
  Wrench,
  type LucideIcon,
} from "lucide-react";
import { lazy, Suspense, useState, type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { nameOf, useCategories } from "@/api/catalogue";
import { facetsQuery, tasksQuery } from "@/api/tasks";
import { Page } from "@/components/layout/Shell";
import { TaskCard } from "@/components/tasks/TaskCard";
import { Button, controlClass, LinkButton, LoadError, Skeleton, SkeletonList } from "@/components/ui";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { mayPost, useSession } from "@/lib/session";
import { usePageTitle } from "@/lib/usePageTitle";

// Below the first screen: the page does not wait for it, and is whole without it.
const loadHow = (): Promise<{ default: ComponentType }> => import("../components/How");
const How = lazy(() => loadHow().catch(() => ({ default: () => null })));

const ICONS: Record<string, LucideIcon> = {
  programming: Code,
  design: Brush,
  writing: PenLine,
  marketing: Megaphone,
  tutoring: GraduationCap,
  cleaning: Home,
  assistant: LifeBuoy,
  consulting: Handshake,
  other: MoreHorizontal,
};

export default function LandingPage() {
  const { t } = useTranslation(["landing", "common"]);
  usePageTitle(t("tab"));
  return (
    <>
      <Hero />
      <Page>
        <div className="flex flex-col gap-12">
          <Categories />
          <Newest />
          <Suspense fallback={null}>
            <How />
          </Suspense>
        </div>
      </Page>
    </>
  );
}

function Hero() {
  const { t } = useTranslation(["landing", "common"]);
  const navigate = useNavigate();
  const { state, user } = useSession();
  const [words, setWords] = useState("");
  const open = useQuery(facetsQuery({ status: "OPEN" }));
  return (
    <section className="border-b border-line bg-brand-soft">
      <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 px-4 py-12 sm:px-6 sm:py-20">
        <h1 className="max-w-3xl text-3xl leading-tight font-extrabold sm:text-5xl">{t("hero.title")}</h1>
        <p className="max-w-2xl text-lg text-ink-soft">{t("hero.sub")}</p>
        <form
          role="search"
          className="flex max-w-2xl flex-col gap-2 sm:flex-row"
          onSubmit={(event) => {
            event.preventDefault();
            void navigate(paths.tasks(words.trim() ? { search: words.trim() } : {}));
          }}
        >
          <input
            type="search"
            dir="auto"
            maxLength={200}
            value={words}
            onChange={(event) => setWords(event.target.value)}
            aria-label={t("hero.search")}
            placeholder={t("hero.placeholder")}
            className={cn(controlClass, "min-h-12 flex-1")}
          />
          <Button type="submit" size="lg" icon={<Search aria-hidden className="size-5" />}>
            {t("common:nav.search")}
          </Button>
        </form>
        <div className="flex flex-wrap items-center gap-2">
          <LinkButton
            size="lg"
            to={
              state === "user"
                ? mayPost(user)
                  ? paths.taskNew()
                  : paths.recommendations
                : paths.register("client")
            }
          >
            {t(state === "user" && !mayPost(user) ? "common:nav.forYou" : "common:nav.post")}
          </LinkButton>
          {state !== "user" && (
            <LinkButton size="lg" look="secondary" to={paths.register("freelancer")}>
              {t("hero.work")}
            </LinkButton>
          )}
        </div>
        <p className="min-h-[1lh] text-ink-soft">
          {open.data && open.data.count > 0 && (
            <>
              {t("hero.open", { count: open.data.count })} ·{" "}
              {t("hero.cities", { count: open.data.city.length })}
            </>
          )}
        </p>
      </div>
    </section>
  );
}

function Categories() {
  const { t } = useTranslation("landing");
  const categories = useCategories();
  const counts = useQuery(facetsQuery({ status: "OPEN" }));
  if (categories.error) return <LoadError error={categories.error} retry={() => void categories.refetch()} />;
  return (
    <section aria-labelledby="categories">
      <h2 id="categories" className="mb-4 text-2xl font-bold">
        {t("categories")}
      </h2>
      <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
        {categories.isPending &&
          Array.from({ length: 9 }, (_, place) => (
            <li key={place}>
              <Skeleton className="h-34 rounded-2xl" />
            </li>
          ))}
        {categories.data?.map((category) => {
          const Icon = ICONS[category.slug] ?? Wrench;
          const count = counts.data?.category.find((one) => one.value === category.slug)?.count;
          return (
            <li key={category.slug}>
              <Link
                to={paths.tasks({ category: category.slug })}
                className="flex h-full flex-col gap-2 rounded-2xl border border-line bg-raised p-4 shadow-card hover:border-brand"
              >
                <Icon aria-hidden className="size-7 text-brand" strokeWidth={1.6} />
                <span className="font-semibold">{nameOf(category)}</span>
                <span className="min-h-[1lh] text-sm text-ink-soft">
                  {count !== undefined && t("hero.open", { count })}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Newest() {
  const { t } = useTranslation("landing");
  const found = useQuery(tasksQuery({ status: "OPEN", ordering: "-created_at" }));
  return (
    <section aria-labelledby="newest">
      <div className="mb-4 flex items-baseline justify-between gap-3">
        <h2 id="newest" className="text-2xl font-bold">
          {t("newest")}
        </h2>
        <Link to={paths.tasks()} className="font-medium text-brand underline underline-offset-4">
          {t("all")}
        </Link>
      </div>
      {found.isPending && <SkeletonList rows={6} tall className="grid md:grid-cols-2" />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      <ul className="grid gap-3 md:grid-cols-2">
        {found.data?.results.slice(0, 6).map((task) => (
          <li key={task.id}>
            <TaskCard task={task} level="h3" />
          </li>
        ))}
      </ul>
    </section>
  );
}
