import i18n from "i18next";
import { expect, it } from "vitest";

import { amount, latinDigits } from "./rules";

it.each([
  ["٥٠٠", "500"],
  ["١٬٢٥٠٫٥", "1250.5"],
  ["۱۲۳", "123"],
  ["1,250,000.25", "1250000.25"],
  ["1,25", "1,25"],
  ["500", "500"],
])("reads %s with the digits and separators of either language", (typed, read) => {
  expect(latinDigits(typed)).toBe(read);
});

it.each(["", " ", "-5", "1e3", "5.001", "٥٠٠ ج", "0x10", "NaN", "9".repeat(13), "1,25"])(
  "takes no amount from %s",
  (typed) => {
    expect(amount("rule").safeParse(typed).success).toBe(false);
  },
);

it("gives on an amount as the API reads it", () => {
  expect(amount("rule").parse(" ١٬٢٥٠ ")).toBe("1250");
});

it.each(["en", "ar"])("puts a name into a sentence without what would turn it: %s", async (language) => {
  await i18n.changeLanguage(language);
  const name = "\u202Eemit\u2066 منى\u200F";
  expect(i18n.t("common:nav.account", { name })).toBe(
    i18n.t("common:nav.account", { name: "emit منى\u200F" }),
  );
});
