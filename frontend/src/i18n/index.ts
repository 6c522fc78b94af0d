import i18n, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";

import { number } from "@/lib/format";
import { store, stored } from "@/lib/storage";

export const LANGUAGES = ["ar", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

// One file a namespace and language, fetched when a page first needs it.
const files = import.meta.glob<{ default: object }>("./{ar,en}/*.json");

/** Characters that turn the direction of what follows: in a name they would turn the sentence around it. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language, namespace, done) => {
    const load = files[`./${language}/${namespace}.json`];
    if (!load) {
      done(new Error(`No texts ${namespace} in ${language}`), null);
      return;
    }
    load().then(
      (found) => done(null, found.default),
      (error: unknown) => done(error as Error, null),
    );
  },
};

export const directionOf = (language: string) => (language === "en" ? "ltr" : "rtl");

export function initialLanguage(): Language {
  const kept = stored("language");
  if (kept === "ar" || kept === "en") return kept;
  return typeof navigator !== "undefined" && /^en/.test(navigator.language) ? "en" : "ar";
}

let started: Promise<unknown> = Promise.resolve();

export async function startI18n(language: Language = initialLanguage()) {
  started = i18n
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      supportedLngs: LANGUAGES,
      ns: ["common"],
      defaultNS: "common",
      interpolation: {
        escapeValue: false,
        // Numbers in sentences have the digits of the language, as everywhere else on the page.
        alwaysFormat: true,
        format: (value: unknown) =>
          typeof value === "number" ? number(value) : String(value).replace(TURNING, ""),
      },
      react: { useSuspense: true },
      returnNull: false,
    });
  await started;
  turnPage(language);
  i18n.on("languageChanged", (next) => {
    store("language", next);
    turnPage(next);
  });
}

/** The texts of a page, so that it does not show without them. What does not come is asked for again by the page. */
export async function fetchTexts(namespaces: string[]) {
  const language = i18n.language || initialLanguage();
  for (const name of namespaces) files[`./${language}/${name}.json`]?.().catch(() => undefined);
  await started;
  await i18n.loadNamespaces(namespaces).catch(() => undefined);
}

function turnPage(language: string) {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

/** Switches the interface, without a reload. */
export const switchLanguage = (language: Language) => i18n.changeLanguage(language);
