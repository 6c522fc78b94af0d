import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { toApiError } from "@/api/errors";

type Fault = { type?: unknown; message?: string } | undefined;

/** What to write under a field: the server's own sentence as it is, one of ours by its name. */
export function useTold() {
  const { t } = useTranslation("common");
  return useCallback(
    (fault: Fault) => {
      if (!fault?.message) return undefined;
      // A sentence is no name of a text: what it quotes in braces would be filled in.
      if (fault.type === "server") return fault.message;
      const [key = "", count] = fault.message.split("|");
      return count === undefined ? t(key) : t(key, { count: Number(count) });
    },
    [t],
  );
}

/** What the server says about one field. */
export const faultOf = (error: unknown, name: string): string | undefined =>
  error ? toApiError(error).fields[name]?.join(" ") : undefined;
