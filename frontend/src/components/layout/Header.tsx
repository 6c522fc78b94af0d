import { Bell, Languages, MessageCircle, Moon, Plus, Search, Sun, SunMoon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";

import { Avatar, Button, IconButton, LinkButton } from "@/components/ui";
import { paths } from "@/config/paths";
import { switchLanguage, type Language } from "@/i18n";
import { cn } from "@/lib/cn";
import { number } from "@/lib/format";
import { mayApply, mayPost, useSession } from "@/lib/session";
import { useTheme } from "@/lib/theme";
import { useUnread } from "@/lib/unread";

const loadMenu = () => import("./AccountMenu");
const AccountMenu = lazy(loadMenu);
// Without a network the banner says why nothing opens.
const ignore = () => undefined;

const linkClass = ({ isActive }: { isActive: boolean }) =>
  cn("rounded-lg px-3 py-2 font-medium hover:bg-sunken", isActive ? "text-brand" : "text-ink");

export function Header() {
  const { t } = useTranslation("common");
  const { state, user } = useSession();
  const unread = useUnread();
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-ground/95 backdrop-blur">
      <div className="mx-auto flex min-h-16 w-full max-w-6xl items-center gap-1 px-4 sm:gap-2 sm:px-6">
        <Link
          to={user ? paths.dashboard : paths.home}
          aria-label="Multitask"
          className="me-2 flex items-center gap-2 text-xl font-extrabold"
        >
          <img src="/icon.svg" alt="" className="size-8" />
          <span className="sr-only sm:not-sr-only">Multitask</span>
        </Link>
        <nav aria-label={t("nav.main")} className="hidden items-center md:flex">
          <NavLink to={paths.tasks()} end className={linkClass}>
            {t("nav.tasks")}
          </NavLink>
          <NavLink to={paths.freelancers()} className={linkClass}>
            {t("nav.freelancers")}
          </NavLink>
          {mayApply(user) && (
            <NavLink to={paths.recommendations} className={linkClass}>
              {t("nav.forYou")}
            </NavLink>
          )}
        </nav>
        <div className="ms-auto flex items-center gap-0.5 sm:gap-1">
          <Link
            to={paths.tasks()}
            aria-label={t("nav.search")}
            className="inline-flex size-11 items-center justify-center rounded-xl hover:bg-sunken md:hidden"
          >
            <Search aria-hidden className="size-5" />
          </Link>
          {state === "guest" && (
            <>
              <LanguageMenu />
              <ThemeButton />
              <LinkButton look="quiet" to={paths.login()} className="px-2.5 whitespace-nowrap sm:px-4">
                {t("nav.login")}
              </LinkButton>
              <LinkButton to={paths.register()} className="hidden sm:inline-flex">
                {t("nav.register")}
              </LinkButton>
            </>
          )}
          {state === "user" && user && (
            <>
              {mayPost(user) && (
                <LinkButton
                  to={paths.taskNew()}
                  size="sm"
                  icon={<Plus aria-hidden className="size-4" />}
                  className="hidden lg:inline-flex"
                >
                  {t("nav.post")}
                </LinkButton>
              )}
              <CountLink
                to={paths.messages}
                label={t("nav.messages")}
                count={unread.messages}
                icon={<MessageCircle aria-hidden className="size-5" />}
              />
              <CountLink
                to={paths.notifications}
                label={t("nav.notifications")}
                count={unread.notifications}
                icon={<Bell aria-hidden className="size-5" />}
              />
              <UserMenu />
            </>
          )}
        </div>
      </div>
    </header>
  );
}

function CountLink({
  to,
  label,
  count,
  icon,
}: {
  to: string;
  label: string;
  count: number;
  icon: React.ReactNode;
}) {
  const { t } = useTranslation("common");
  return (
    <NavLink
      to={to}
      className="relative inline-flex size-11 items-center justify-center rounded-xl hover:bg-sunken"
      title={label}
    >
      {icon}
      <span className="sr-only">
        {label}
        {count > 0 && ` — ${t("nav.unread", { count })}`}
      </span>
      {count > 0 && (
        <span
          aria-hidden
          className="absolute end-1 top-1 min-w-5 rounded-full bg-bad px-1 text-center text-xs leading-5 font-bold text-ground"
        >
          {count > 99 ? `${number(99)}+` : number(count)}
        </span>
      )}
    </NavLink>
  );
}

function LanguageMenu() {
  const { t, i18n } = useTranslation("common");
  const other: Language = i18n.language === "ar" ? "en" : "ar";
  return (
    <Button
      look="quiet"
      size="sm"
      onClick={() => void switchLanguage(other)}
      lang={other}
      icon={<Languages aria-hidden className="size-5" />}
      aria-label={t("nav.switchLanguage")}
    >
      {other === "en" ? "EN" : "ع"}
    </Button>
  );
}

function ThemeButton() {
  const { t } = useTranslation("common");
  const { theme, choose } = useTheme();
  const next = { light: "dark", dark: "system", system: "light" } as const;
  const Icon = { light: Sun, dark: Moon, system: SunMoon }[theme];
  return (
    <IconButton label={t(`theme.${theme}`)} onClick={() => choose(next[theme])}>
      <Icon aria-hidden className="size-5" />
    </IconButton>
  );
}

/** The account's button. Its menu is fetched when the button is about to be used. */
function UserMenu() {
  const { t } = useTranslation("common");
  const user = useSession((session) => session.user);
  const [opened, setOpened] = useState(false);
  if (!user) return null;
  const name = `${user.first_name} ${user.last_name}`.trim() || user.username;
  const button = (
    <button
      type="button"
      aria-label={t("nav.account", { name })}
      aria-haspopup="menu"
      className="ms-1 rounded-full p-1"
      onPointerEnter={() => void loadMenu().catch(ignore)}
      onFocus={() => void loadMenu().catch(ignore)}
      onClick={() => void loadMenu().then(() => setOpened(true), ignore)}
    >
      <Avatar name={name} src={user.profile_picture} size="sm" />
    </button>
  );
  if (!opened) return button;
  return (
    <Suspense fallback={button}>
      <AccountMenu name={name} trigger={button} />
    </Suspense>
  );
}
