import { Briefcase, House, MessageCircle, Plus, Search, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";
import { mayApply, mayPost, useSession } from "@/lib/session";

/** On a phone: the places one goes to most, within reach of the thumb. */
export function BottomBar() {
  const { t } = useTranslation("common");
  const user = useSession((session) => session.user);
  const entries = [
    { to: paths.dashboard, label: t("nav.dashboard"), Icon: House },
    { to: paths.tasks(), label: t("nav.tasksShort"), Icon: Search },
    mayPost(user)
      ? { to: paths.taskNew(), label: t("nav.postShort"), Icon: Plus }
      : { to: paths.applications, label: t("nav.applicationsShort"), Icon: Briefcase },
    mayApply(user)
      ? { to: paths.recommendations, label: t("nav.forYou"), Icon: Sparkles }
      : { to: paths.myTasks, label: t("nav.myTasks"), Icon: Briefcase },
    { to: paths.messages, label: t("nav.messages"), Icon: MessageCircle },
  ];
  return (
    <nav
      aria-label={t("nav.bottom")}
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-ground pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="grid grid-cols-5">
        {entries.map(({ to, label, Icon }) => (
          <li key={to}>
            <NavLink
              to={to}
              end
              className={({ isActive }) =>
                cn(
                  "flex min-h-16 flex-col items-center justify-center gap-0.5 px-0.5 text-xs",
                  isActive ? "font-bold text-brand" : "text-ink-soft",
                )
              }
            >
              <Icon aria-hidden className="size-6" />
              <span className="max-w-full truncate">{label}</span>
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
