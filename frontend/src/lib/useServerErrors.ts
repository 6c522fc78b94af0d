import type { FieldValues, Path, UseFormSetError } from "react-hook-form";

import { toApiError } from "@/api/errors";

/**
 * Puts the server's errors on the fields they are about. Returns whether every one found its field: what did not is for
 * a notice above the form. `names` maps the server's names to the form's where they differ.
 */
export function putServerErrors<T extends FieldValues>(
  error: unknown,
  known: readonly Path<T>[],
  setError: UseFormSetError<T>,
  names: Partial<Record<string, Path<T>>> = {},
): boolean {
  const { fields } = toApiError(error);
  let all = Object.keys(fields).length > 0;
  let first = true;
  for (const [name, messages] of Object.entries(fields)) {
    const target = names[name] ?? (known.includes(name as Path<T>) ? (name as Path<T>) : undefined);
    if (!target) {
      all = false;
      continue;
    }
    setError(target, { type: "server", message: messages.join(" ") }, { shouldFocus: first });
    first = false;
  }
  return all;
}
