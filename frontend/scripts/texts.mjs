// Checks the texts: the same keys in both languages, all six Arabic plural forms, every key that the code asks for, none
// that it does not, nothing left in the other language, and no sentence written into a page. `npm run texts`.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";

import ts from "typescript";

const src = fileURLToPath(new URL("../src", import.meta.url));
const FORMS = { ar: ["zero", "one", "two", "few", "many", "other"], en: ["one", "other"] };
const SUFFIX = /_(zero|one|two|few|many|other)$/;
// The same in every language.
const NAMES = /Multitask|English|العربية|EGP|Google|PDF|JPE?G|PNG|React|WebP|Swagger|\bMB\b|\bAPI\b/g;
const SPOKEN = new Set(["aria-label", "title", "placeholder", "alt", "label", "hint"]);

const wrong = [];
const texts = { ar: {}, en: {} };
for (const language of ["ar", "en"]) {
  for (const file of readdirSync(join(src, "i18n", language))) {
    const flat = {};
    const walk = (value, path) => {
      if (typeof value === "string") flat[path.join(".")] = value;
      else for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(JSON.parse(readFileSync(join(src, "i18n", language, file), "utf8")), []);
    texts[language][file.replace(/\.json$/, "")] = flat;
  }
}

/** The keys of a namespace with the plural forms taken off: key → its forms, none for a plain text. */
function basesOf(flat) {
  const bases = new Map();
  for (const key of Object.keys(flat)) {
    const form = SUFFIX.exec(key)?.[1];
    const base = form ? key.replace(SUFFIX, "") : key;
    bases.set(base, [...(bases.get(base) ?? []), ...(form ? [form] : [])]);
  }
  return bases;
}
const variables = (text) => [...text.matchAll(/\{\{\s*([^,}\s]+)/g)].map(([, name]) => name);
const bases = {};
const namespaces = [...new Set([...Object.keys(texts.ar), ...Object.keys(texts.en)])].sort();
for (const namespace of namespaces) {
  const [ar, en] = [texts.ar[namespace], texts.en[namespace]];
  if (!ar || !en) {
    wrong.push(`${namespace}.json is in one language only.`);
    continue;
  }
  const found = { ar: basesOf(ar), en: basesOf(en) };
  bases[namespace] = found.en;
  for (const base of new Set([...found.ar.keys(), ...found.en.keys()])) {
    const name = `${namespace}:${base}`;
    const forms = { ar: found.ar.get(base), en: found.en.get(base) };
    if (!forms.ar || !forms.en) {
      wrong.push(`${name} is missing in ${forms.ar ? "en" : "ar"}.`);
      continue;
    }
    const isCounted = forms.ar.length + forms.en.length > 0;
    for (const language of ["ar", "en"]) {
      if (!isCounted) break;
      for (const form of FORMS[language])
        if (!forms[language].includes(form)) wrong.push(`${name} has no form _${form} in ${language}.`);
    }
    const used = (flat) =>
      [
        ...new Set(
          Object.keys(flat)
            .filter((key) => key === base || (SUFFIX.test(key) && key.replace(SUFFIX, "") === base))
            .flatMap((key) => variables(flat[key])),
        ),
      ].sort();
    if (String(used(ar)) !== String(used(en)))
      wrong.push(`${name} puts {{${used(ar)}}} into ar and {{${used(en)}}} into en.`);
  }
  for (const [language, flat, other] of [
    ["ar", ar, /[A-Za-z]{2,}/],
    ["en", en, /[\u0600-\u06ff]/],
  ]) {
    for (const [key, text] of Object.entries(flat)) {
      const plain = text.replace(NAMES, "").replace(/\{\{[^}]*\}\}/g, "");
      if (!text.trim()) wrong.push(`${namespace}:${key} is empty in ${language}.`);
      else if (other.test(plain)) wrong.push(`${namespace}:${key} in ${language} is not translated: ${text}`);
    }
  }
}

const used = new Set();
const literals = new Set();
const has = (namespace, key) => bases[namespace]?.has(key) || bases[namespace]?.has(key.replace(SUFFIX, ""));
function use(namespace, key) {
  used.add(`${namespace}:${key}`);
}

/** Texts that an argument may be, with "*" for what only the running program knows. */
function patternsOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map((span) => `*${span.literal.text}`).join("")];
  if (ts.isConditionalExpression(node)) return [...patternsOf(node.whenTrue), ...patternsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return patternsOf(node.expression);
  if (ts.isBinaryExpression(node)) return [...patternsOf(node.left), ...patternsOf(node.right)];
  return [];
}

function checkFile(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const where = (node) =>
    `${relative(src, path)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const all = new Set();
  const hooks = new Map(); // function → namespaces of its `t`
  const functionOf = (node) => {
    let at = node.parent;
    while (at && !ts.isFunctionLike(at)) at = at.parent;
    return at;
  };
  const each = (visit) => {
    const walk = (node) => {
      visit(node);
      ts.forEachChild(node, walk);
    };
    walk(source);
  };
  each((node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "useTranslation") return;
    const [given] = node.arguments;
    const names = !given
      ? ["common"]
      : ts.isArrayLiteralExpression(given)
        ? given.elements.map((element) => element.text)
        : [given.text];
    for (const name of names) {
      all.add(name);
      if (!bases[name]) wrong.push(`${where(node)}: there are no texts ${name}.`);
    }
    hooks.set(functionOf(node), names);
  });
  each((node) => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    if (ts.isJsxText(node) && /\p{L}{2,}/u.test(node.text.replace(NAMES, "")))
      wrong.push(`${where(node)}: a sentence is written into the page: ${node.text.trim()}`);
    if (
      ts.isJsxAttribute(node) &&
      SPOKEN.has(node.name.getText()) &&
      node.initializer &&
      ts.isStringLiteral(node.initializer) &&
      /\p{L}{2,}/u.test(node.initializer.text.replace(NAMES, ""))
    )
      wrong.push(`${where(node)}: ${node.getText()} is not translated.`);
    if (!ts.isCallExpression(node) || !node.arguments.length) return;
    const callee = node.expression.getText();
    if (callee !== "t" && callee !== "i18n.t") return;
    let scope = functionOf(node);
    while (scope && !hooks.has(scope)) scope = functionOf(scope);
    const names = hooks.get(scope) ?? (all.size ? [...all] : ["common"]);
    const own = hooks.has(scope) ? names.slice(0, 1) : names;
    for (const pattern of patternsOf(node.arguments[0])) {
      const [prefix, rest] = pattern.includes(":") ? pattern.split(/:(.*)/s) : [null, pattern];
      const asked = prefix ? [prefix] : own;
      if (prefix && prefix !== "common" && hooks.has(scope) && !names.includes(prefix))
        wrong.push(`${where(node)}: the texts ${prefix} may not be there: name them in useTranslation.`);
      if (rest.includes("*")) {
        const shape = new RegExp(
          `^${rest
            .split("*")
            .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
            .join(".+")}$`,
        );
        const matching = asked.flatMap((name) =>
          [...(bases[name]?.keys() ?? [])].filter((key) => shape.test(key)).map((key) => [name, key]),
        );
        if (!matching.length && rest.replaceAll("*", "") !== "")
          wrong.push(`${where(node)}: no key looks like ${pattern}.`);
        for (const [name, key] of matching) use(name, key);
      } else if (asked.some((name) => has(name, rest))) asked.forEach((name) => use(name, rest));
      else wrong.push(`${where(node)}: ${asked.join(" or ")} has no ${rest}.`);
    }
  });
}

const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesIn(join(folder, entry.name))
      : /\.tsx?$/.test(entry.name) &&
          !/\.test\.|\.d\.ts$/.test(entry.name) &&
          !folder.includes(`${src}/testing`)
        ? [join(folder, entry.name)]
        : [],
  );
filesIn(src).forEach(checkFile);

for (const [namespace, keys] of Object.entries(bases)) {
  for (const key of keys.keys()) {
    // A key may be handed around as a value before it is asked for.
    const last = key.slice(key.lastIndexOf(".") + 1);
    const isNamed = literals.has(key) || literals.has(`${namespace}:${key}`) || literals.has(last);
    if (!used.has(`${namespace}:${key}`) && !isNamed) wrong.push(`${namespace}:${key} is not used.`);
  }
}

const counted = Object.values(bases).reduce((sum, keys) => sum + keys.size, 0);
for (const line of wrong) console.error(line);
console.log(`${counted} texts in ${namespaces.length} files and two languages, ${wrong.length} faults.`);
process.exit(wrong.length ? 1 : 0);
