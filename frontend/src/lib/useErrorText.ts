import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { toApiError } from "@/api/errors";

/** What to tell the user about a failure: the server's own sentence where it has one, else ours by its kind. */
export function useErrorText() {
  const { t } = useTranslation("common");
  return useCallback(
    (error: unknown): string => {
      const { status, detail, retryAfter, requestId } = toApiError(error);
      if (status === 0) return t("errors.offline");
      if (status === 429 && retryAfter) return t("errors.throttled", { count: retryAfter });
      if (status >= 500 && requestId) return t("errors.server", { id: requestId });
      return detail || t("errors.unexpected");
    },
    [t],
  );
}
