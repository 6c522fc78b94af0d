import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { toApiError } from "@/api/errors";
import { LinkButton, LoadError, Notice, SkeletonList } from "@/components/ui";
import { paths } from "@/config/paths";
import { useSession } from "@/lib/session";
import { usePageTitle } from "@/lib/usePageTitle";

import { verifyEmail } from "../api/verification";
import { AuthCard } from "../components/AuthCard";

export default function VerifyEmailPage() {
  const { t } = useTranslation(["auth", "common"]);
  const key = useSearchParams()[0].get("key") ?? "";
  const state = useSession((session) => session.state);
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
      {proof.error && (
        // A link that is used up stays so: only what may end otherwise is tried again.
        <LoadError
          error={proof.error}
          retry={toApiError(proof.error).status === 400 ? undefined : () => void proof.refetch()}
        />
      )}
      {proof.data && <Notice tone="good">{proof.data.detail}</Notice>}
      <LinkButton to={state === "user" ? paths.dashboard : paths.login()}>
        {t(state === "user" ? "verify.on" : "login.submit")}
      </LinkButton>
    </AuthCard>
  );
}
