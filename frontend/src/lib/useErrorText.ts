import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { toApiError } from "@/api/errors";
import { useSession } from "@/lib/session";

/** What a failure means that came without a sentence, as from a proxy. */
const OURS: Record<number, string> = {
  401: "errors.expired",
  403: "errors.forbidden",
  404: "errors.gone",
  409: "errors.changed",
  413: "errors.tooLarge",
  429: "errors.tooMany",
  502: "errors.down",
  503: "errors.down",
  504: "errors.down",
};

/**
 * What to tell the user about a failure: the server's own sentence where it has one, else ours by its kind. `shown` are
 * the fields that say for themselves what is wrong with them; what is wrong with any other is told here.
 */
export function useErrorText() {
  const { t } = useTranslation("common");
  return useCallback(
    (error: unknown, shown: readonly string[] = []): string => {
      const { status, code, detail, fields, retryAfter, requestId } = toApiError(error);
      if (status === 0) return t(code === "timeout" ? "errors.slow" : "errors.offline");
      if (status === 401 && useSession.getState().expired !== "no") return t("errors.expired");
      if (status === 429 && retryAfter) return t("errors.throttled", { count: retryAfter });
      if (status >= 500 && requestId) return t("errors.server", { id: requestId });
      const rest = Object.entries(fields).flatMap(([name, said]) => (shown.includes(name) ? [] : said));
      const told = [detail, ...rest].filter(Boolean).join(" ");
      return told || t(OURS[status] ?? "errors.unexpected");
    },
    [t],
  );
}
