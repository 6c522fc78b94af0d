import i18n from "i18next";

const ZONE = "Africa/Cairo";
// One kind of digits in both languages, as people type them and as the API's sentences have them.
const locale = () => (i18n.language === "en" ? "en-EG" : "ar-EG-u-nu-latn");
/** Months in words: nobody has to guess which number is the day. */
const DATE = { day: "numeric", month: "short", year: "numeric", timeZone: ZONE } as const;
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function formatter<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  key: string,
  make: () => T,
): T {
  const full = `${locale()} ${key}`;
  const found = cache.get(full) ?? make();
  cache.set(full, found);
  return found as T;
}

/** An amount in EGP, without piastres where there are none: "EGP 1,500", "1,500 ج.م.". */
export function money(amount: string | number): string {
  const value = Number(amount);
  const digits = Number.isInteger(value) ? 0 : 2;
  return formatter(
    `money${digits}`,
    () =>
      new Intl.NumberFormat(locale(), {
        style: "currency",
        currency: "EGP",
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  ).format(value);
}

export const number = (value: number): string =>
  formatter("number", () => new Intl.NumberFormat(locale())).format(value);

export const percent = (value: number): string =>
  formatter("percent", () => new Intl.NumberFormat(locale(), { style: "percent" })).format(value / 100);

export const rating = (value: string | number): string =>
  formatter(
    "rating",
    () => new Intl.NumberFormat(locale(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  ).format(Number(value));

export const day = (iso: string): string =>
  formatter("day", () => new Intl.DateTimeFormat(locale(), DATE)).format(new Date(iso));

export const moment = (iso: string): string =>
  formatter(
    "moment",
    () => new Intl.DateTimeFormat(locale(), { ...DATE, hour: "numeric", minute: "2-digit" }),
  ).format(new Date(iso));

export const clock = (iso: string): string =>
  formatter("clock", () => new Intl.DateTimeFormat(locale(), { timeStyle: "short", timeZone: ZONE })).format(
    new Date(iso),
  );

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 hours ago", "بعد يومين". Within a minute: now. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const relative = formatter("ago", () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }));
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return unit === "second" ? relative.format(0, "second") : relative.format(Math.round(seconds / size), unit);
}

export function fileSize(bytes: number): string {
  const [value, unit] =
    bytes < 1_000_000 ? [Math.max(0.1, bytes / 1000), "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return formatter(
    `size${unit}`,
    () => new Intl.NumberFormat(locale(), { style: "unit", unit, maximumFractionDigits: 1 }),
  ).format(value);
}
