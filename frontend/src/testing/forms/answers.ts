import i18n from "i18next";
import { HttpResponse } from "msw";

/** Text that tries to be something else: markup, a turned direction, joined emoji, signs without a width, half a sign. */
export const HOSTILE =
  "<script>b=1</script><img src=x> {{name}} $t(x) " +
  "\u202Eemit\u2066x 👩🏽‍🚀🇪🇬 \u200B\u200C\u200D\uFEFF \uD83D";

type Told = { en: string; ar: string };
export const told = (words: Told, language: string) => (language === "ar" ? words.ar : words.en);

// With what sentences and names of texts both may have: colons, full stops, braces.
export const SAID = {
  field: { en: "Not this {{name}}: choose another.", ar: "ليس هذا {{name}}: اختر غيره." },
  rest: { en: "Elsewhere: wrong too.", ar: "في موضع آخر: خطأ أيضًا." },
  forbidden: { en: "Not allowed to you: ask.", ar: "غير مسموح لك: اسأل." },
  gone: { en: "It is gone: look again.", ar: "لم يعد موجودًا: ابحث مجددًا." },
  changed: { en: "Changed meanwhile: look again.", ar: "تغيّر في الأثناء: انظر مجددًا." },
} satisfies Record<string, Told>;

type Answer = {
  name: string;
  atField?: boolean;
  give: (field: string, request: Request) => Response;
  words: (language: string) => string;
};

const said = (request: Request, words: Told) => told(words, request.headers.get("Accept-Language") ?? "");
const plain = (status: number, words: Told): Answer => ({
  name: String(status),
  give: (_field, request) =>
    HttpResponse.json({ detail: said(request, words), code: `http_${status}` }, { status }),
  words: (language) => told(words, language),
});
const silent = (name: string, status: number, key: string, headers = {}, values = {}): Answer => ({
  name,
  give: () =>
    new HttpResponse("<html>no</html>", {
      status,
      headers: { "Content-Type": "text/html", ...headers },
    }),
  words: () => i18n.t(key, values),
});

/** All that may be answered instead of what was hoped for. */
export const ANSWERS: readonly Answer[] = [
  {
    name: "400 of a field",
    atField: true,
    give: (field, request) =>
      HttpResponse.json(
        { detail: "…", code: "invalid", errors: { [field]: [said(request, SAID.field)] } },
        { status: 400 },
      ),
    words: (language) => told(SAID.field, language),
  },
  {
    name: "400 of what has no field here",
    give: (_field, request) =>
      HttpResponse.json(
        { detail: "…", code: "invalid", errors: { non_field_errors: [said(request, SAID.rest)] } },
        { status: 400 },
      ),
    words: (language) => told(SAID.rest, language),
  },
  plain(403, SAID.forbidden),
  plain(404, SAID.gone),
  plain(409, SAID.changed),
  silent("413 of a proxy", 413, "common:errors.tooLarge"),
  silent("429", 429, "common:errors.throttled", { "Retry-After": "9" }, { count: 9 }),
  silent("500", 500, "common:errors.server", { "X-Request-ID": "abc-1" }, { id: "abc-1" }),
  silent("502 of a proxy", 502, "common:errors.down"),
  { name: "no network", give: () => HttpResponse.error(), words: () => i18n.t("common:errors.offline") },
];
