import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { paths } from "@/config/paths";
import { useSession } from "@/lib/session";

export function Footer() {
  const { t } = useTranslation("common");
  const signedIn = useSession((session) => session.state === "user");
  return (
    <footer className={`border-t border-line bg-sunken text-ink-soft ${signedIn ? "hidden md:block" : ""}`}>
      <div className="mx-auto flex w-full max-w-6xl flex-wrap items-center justify-between gap-x-8 gap-y-3 px-4 py-6 sm:px-6">
        <p>{t("footer.line")}</p>
        <nav aria-label={t("footer.label")} className="flex flex-wrap gap-x-5 gap-y-2">
          <Link className="underline-offset-4 hover:underline" to={paths.help}>
            {t("nav.help")}
          </Link>
          <Link className="underline-offset-4 hover:underline" to={paths.freelancers()}>
            {t("nav.freelancers")}
          </Link>
          <a className="underline-offset-4 hover:underline" href="/api/schema/swagger-ui/">
            {t("footer.developers")}
          </a>
        </nav>
      </div>
    </footer>
  );
}
