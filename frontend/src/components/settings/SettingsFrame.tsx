import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { Page } from "@/components/layout/Shell";
import { paths } from "@/config/paths";
import { cn } from "@/lib/cn";

/** The pages about oneself, side by side. */
export function SettingsFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation("settings");
  const links = [
    { to: paths.profile, label: t("nav.profile") },
    { to: paths.settings, label: t("nav.account") },
    { to: paths.settingsNotifications, label: t("nav.notifications") },
    { to: paths.settingsSecurity, label: t("nav.security") },
  ];
  return (
    <Page>
      <div className="grid gap-6 md:grid-cols-[13rem_1fr]">
        <nav aria-label={t("nav.label")}>
          <ul className="flex flex-wrap gap-1 md:flex-col">
            {links.map((link) => (
              <li key={link.to} className="shrink-0">
                <NavLink
                  to={link.to}
                  end
                  className={({ isActive }) =>
                    cn(
                      "flex min-h-11 items-center rounded-xl px-3 font-medium md:px-4",
                      isActive ? "bg-brand-soft text-brand-strong" : "hover:bg-sunken",
                    )
                  }
                >
                  {link.label}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
        <div className="flex min-w-0 flex-col gap-5">
          <h1 className="text-2xl font-bold">{title}</h1>
          {children}
        </div>
      </div>
    </Page>
  );
}
