import { z } from "zod";

/** Rules that several forms share. Their messages are names of texts, with a number after "|": `useTold` says them. */
export const tooLong = (limit: number) => ["common:form.tooLong", limit].join("|");

export const words = (limit: number) =>
  z.string().trim().min(1, "common:form.required").max(limit, tooLong(limit));
export const maybeWords = (limit: number) => z.string().trim().max(limit, tooLong(limit));

/** A number with the digits of either language and their separators, as the API reads it: "١٬٢٥٠٫٥" is "1250.5". */
export const latinDigits = (text: string) =>
  text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/٫/g, ".")
    .replace(/[٬\u200E\u200F\u061C]/g, "")
    .replace(/^(\d{1,3}(?:,\d{3})+)(?=\.|$)/, (whole) => whole.replaceAll(",", ""));

/** An amount of money as it is typed; what it becomes is one the API reads. `rule` is the message for anything else. */
export const amount = (rule: string) =>
  z
    .string()
    .trim()
    .overwrite(latinDigits)
    .regex(/^\d{1,12}(\.\d{1,2})?$/, rule);
