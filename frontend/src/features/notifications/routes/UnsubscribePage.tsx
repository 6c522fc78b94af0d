import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { post } from "@/api/client";
import { Page } from "@/components/layout/Shell";
import { Button, Card, Notice } from "@/components/ui";
import { useErrorText } from "@/lib/useErrorText";
import { usePageTitle } from "@/lib/usePageTitle";

/** From the link in a mail: looking changes nothing, the button does. */
export default function UnsubscribePage() {
  const { token = "" } = useParams();
  const { t } = useTranslation("notifications");
  const say = useErrorText();
  const end = useMutation({
    mutationFn: () =>
      post(`/notifications/unsubscribe/${encodeURIComponent(token)}/`, { "List-Unsubscribe": "One-Click" }),
  });
  usePageTitle(t("unsubscribe.title"));
  return (
    <Page narrow>
      <Card className="flex flex-col gap-4">
        <h1 className="text-2xl font-bold">{t("unsubscribe.title")}</h1>
        {end.isSuccess ? (
          <Notice tone="good">{t("unsubscribe.done")}</Notice>
        ) : (
          <>
            <p>{t("unsubscribe.why")}</p>
            {end.error && <Notice tone="bad">{say(end.error)}</Notice>}
            <Button className="self-start" busy={end.isPending} onClick={() => end.mutate()}>
              {t("unsubscribe.button")}
            </Button>
          </>
        )}
      </Card>
    </Page>
  );
}
