import {
  Briefcase,
  CircleHelp,
  ClipboardList,
  House,
  Languages,
  LogOut,
  Moon,
  Send,
  Settings,
  Sun,
  SunMoon,
  UserRound,
} from "lucide-react";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { toast } from "sonner";

import { http } from "@/api/client";
import { toApiError } from "@/api/errors";
import { endPush } from "@/api/push";
import { Menu, MenuItem, MenuLine, MenuLink } from "@/components/ui";
import { paths } from "@/config/paths";
import { switchLanguage, type Language } from "@/i18n";
import { mayApply, useSession } from "@/lib/session";
import { useTheme } from "@/lib/theme";
import { useErrorText } from "@/lib/useErrorText";

/** What the account's button opens. It is there because somebody pressed the button, so it begins open. */
export default function AccountMenu({ name, trigger }: { name: string; trigger: ReactElement }) {
  const { t, i18n } = useTranslation("common");
  const navigate = useNavigate();
  const say = useErrorText();
  const { user, end } = useSession();
  const { theme, choose } = useTheme();
  if (!user) return null;
  const other: Language = i18n.language === "ar" ? "en" : "ar";
  const next = { light: "dark", dark: "system", system: "light" } as const;
  const ThemeIcon = { light: Sun, dark: Moon, system: SunMoon }[theme];
  const places = [
    { to: paths.dashboard, name: "dashboard", Icon: House, shown: true },
    { to: paths.myTasks, name: "myTasks", Icon: ClipboardList, shown: true },
    { to: paths.applications, name: "applications", Icon: Send, shown: mayApply(user) },
    { to: paths.services, name: "services", Icon: Briefcase, shown: mayApply(user) },
  ].filter((place) => place.shown);
  const logOut = async () => {
    await endPush().catch(() => undefined);
    try {
      await http.post("/auth/logout/", {});
    } catch (error) {
      // The cookie is the server's to take away: until it did, nobody is logged out.
      if (toApiError(error).status !== 401) {
        toast.error(say(error));
        return;
      }
    }
    // Away from a member's page first: it would ask for a login.
    await navigate(paths.home);
    end();
  };
  return (
    <Menu trigger={trigger} defaultOpen>
      <div className="px-3 py-2">
        <span className="block font-bold">
          <bdi>{name}</bdi>
        </span>
        <span className="text-sm text-ink-soft">{t(`userType.${user.user_type}`)}</span>
      </div>
      <MenuLine />
      {places.map(({ to, name: place, Icon }) => (
        <MenuLink key={to} to={to} icon={<Icon aria-hidden className="size-5" />}>
          {t(`nav.${place}`)}
        </MenuLink>
      ))}
      <MenuLine />
      <MenuLink to={paths.profile} icon={<UserRound aria-hidden className="size-5" />}>
        {t("nav.profile")}
      </MenuLink>
      <MenuLink to={paths.settings} icon={<Settings aria-hidden className="size-5" />}>
        {t("nav.settings")}
      </MenuLink>
      <MenuLink to={paths.help} icon={<CircleHelp aria-hidden className="size-5" />}>
        {t("nav.help")}
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
