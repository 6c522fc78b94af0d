import {
  Bell,
  Languages,
  LogOut,
  MessageCircle,
  Moon,
  Plus,
  Search,
  Settings,
  Sun,
  SunMoon,
  UserRound,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useNavigate } from "react-router";

import { http } from "@/api/client";
import { Avatar, Button, IconButton, LinkButton, Menu, MenuItem, MenuLine, MenuLink } from "@/components/ui";
import { paths } from "@/config/paths";
import { switchLanguage, type Language } from "@/i18n";
import { cn } from "@/lib/cn";
import { number } from "@/lib/format";
import { mayApply, mayPost, useSession } from "@/lib/session";
import { useTheme } from "@/lib/theme";
import { useUnread } from "@/lib/unread";

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
          className="me-2 flex items-center gap-2 text-xl font-extrabold"
        >
          <img src="/icon.svg" alt="" className="size-8" />
          <span className={state === "user" ? "hidden sm:inline" : ""}>Multitask</span>
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
              <LinkButton look="quiet" to={paths.login()} className="px-2.5 sm:px-4">
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

function UserMenu() {
  const { t, i18n } = useTranslation("common");
  const navigate = useNavigate();
  const { user, end } = useSession();
  const { theme, choose } = useTheme();
  if (!user) return null;
  const name = `${user.first_name} ${user.last_name}`.trim() || user.username;
  const other: Language = i18n.language === "ar" ? "en" : "ar";
  const next = { light: "dark", dark: "system", system: "light" } as const;
  const ThemeIcon = { light: Sun, dark: Moon, system: SunMoon }[theme];
  const logOut = async () => {
    try {
      await http.post("/auth/logout/", {});
    } finally {
      end();
      void navigate(paths.home);
    }
  };
  return (
    <Menu
      trigger={
        <button type="button" aria-label={t("nav.account", { name })} className="ms-1 rounded-full">
          <Avatar name={name} src={user.profile_picture} size="sm" />
        </button>
      }
    >
      <div className="px-3 py-2">
        <bdi className="block font-bold">{name}</bdi>
        <span className="text-sm text-ink-soft">{t(`userType.${user.user_type}`)}</span>
      </div>
      <MenuLine />
      <MenuLink to={paths.profile} icon={<UserRound aria-hidden className="size-5" />}>
        {t("nav.profile")}
      </MenuLink>
      <MenuLink to={paths.settings} icon={<Settings aria-hidden className="size-5" />}>
        {t("nav.settings")}
      </MenuLink>
      <MenuItem
        icon={<Languages aria-hidden className="size-5" />}
        onSelect={() => void switchLanguage(other)}
      >
        <span lang={other}>{other === "en" ? "English" : "العربية"}</span>
      </MenuItem>
      <MenuItem icon={<ThemeIcon aria-hidden className="size-5" />} onSelect={() => choose(next[theme])}>
        {t(`theme.${theme}`)}
      </MenuItem>
      <MenuLine />
      <MenuItem danger icon={<LogOut aria-hidden className="turn size-5" />} onSelect={() => void logOut()}>
        {t("nav.logout")}
      </MenuItem>
    </Menu>
  );
}
