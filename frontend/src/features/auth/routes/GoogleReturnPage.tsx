import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { get, refreshAccess } from "@/api/client";
import { SkeletonList } from "@/components/ui";
import { paths, safeNext } from "@/config/paths";
import { useSession, type OwnUser } from "@/lib/session";
import { store, stored } from "@/lib/storage";
import { usePageTitle } from "@/lib/usePageTitle";

/** Google has sent the browser back with the cookie of a login: the session begins from it. */
export default function GoogleReturnPage() {
  const { t } = useTranslation("auth");
  const navigate = useNavigate();
  usePageTitle(t("login.google"));
  useEffect(() => {
    const next = safeNext(stored("next"));
    store("next", null);
    const begin = async () => {
      const access = await refreshAccess();
      const user = await get<OwnUser>("/auth/user/", { headers: { Authorization: `Bearer ${access}` } });
      useSession.getState().begin(access, user);
      await navigate(next, { replace: true });
    };
    begin().catch(() => navigate(paths.login(next), { replace: true }));
  }, [navigate]);
  return <SkeletonList rows={2} className="mx-auto w-full max-w-md p-6" />;
}
