import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { LinkButton, Notice, SkeletonList } from "@/components/ui";
import { paths } from "@/config/paths";
import { useSession } from "@/lib/session";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

import { verifyEmail } from "../api/verification";
import { AuthCard } from "../components/AuthCard";

export default function VerifyEmailPage() {
  const { t } = useTranslation(["auth", "common"]);
  const key = useSearchParams()[0].get("key") ?? "";
  const state = useSession((session) => session.state);
  const say = useErrorText();
  usePageTitle(t("verify.title"));
  // A query, so that a page that is shown twice sends the key once.
  const proof = useQuery({
    queryKey: ["verification", key],
    queryFn: () => verifyEmail(key),
    enabled: key !== "" && state !== "unknown",
    retry: false,
    staleTime: Infinity,
  });
  return (
    <AuthCard title={t("verify.title")}>
      {key === "" && <Notice tone="bad">{t("verify.noKey")}</Notice>}
      {key !== "" && proof.isPending && <SkeletonList rows={1} />}
      {proof.error && <Notice tone="bad">{say(proof.error)}</Notice>}
      {proof.data && <Notice tone="good">{proof.data.detail}</Notice>}
      <LinkButton to={state === "user" ? paths.dashboard : paths.login()}>
        {t(state === "user" ? "verify.on" : "login.submit")}
      </LinkButton>
    </AuthCard>
  );
}
