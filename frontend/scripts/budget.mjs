// Weighs the built application: what a browser fetches before the first page shows, and that every page is a chunk of
// its own. `npm run budget` after `npm run build`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 180_000;
const ENTRY = "index.html";
const FIRST_PAGE = "src/features/landing/routes/LandingPage.tsx";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root));
let manifest;
try {
  manifest = JSON.parse(read("dist/.vite/manifest.json"));
} catch {
  console.error(`No build in ${fileURLToPath(new URL("dist", root))}: run \`npm run build\` first.`);
  process.exit(1);
}

/** The scripts that `keys` fetch at once, each once. */
function scriptsOf(...keys) {
  const seen = new Set();
  const add = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const next of manifest[key]?.imports ?? []) add(next);
  };
  keys.forEach(add);
  return [...seen].map((key) => manifest[key].file).filter((file) => file.endsWith(".js"));
}
const weight = (files) =>
  files.reduce((sum, file) => sum + gzipSync(read(`dist/${file}`), { level: 9 }).length, 0);
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

const wrong = [];
const texts = Object.keys(manifest).filter((key) => /src\/i18n\/ar\/(common|landing|cards)\.json$/.test(key));
const shell = weight(scriptsOf(ENTRY)) + gzipSync(read("dist/boot.js")).length;
const first = weight(scriptsOf(ENTRY, FIRST_PAGE, ...texts)) + gzipSync(read("dist/boot.js")).length;
console.log(
  `Initial JavaScript, gzip: ${kB(shell)}; with the first page and its texts ${kB(first)} of ${kB(LIMIT)}.`,
);
if (first > LIMIT) wrong.push(`The first page's JavaScript is ${kB(first)}, over ${kB(LIMIT)}.`);

const pages = [
  ...read("src/app/router.tsx")
    .toString()
    .matchAll(/import\("@\/(features\/[^"]+)"\)/g),
].map(([, path]) => `src/${path}.tsx`);
const atOnce = new Set(scriptsOf(ENTRY));
for (const page of new Set(pages)) {
  const chunk = manifest[page];
  if (!chunk?.isDynamicEntry || atOnce.has(chunk.file)) wrong.push(`${page} has no chunk of its own.`);
}
console.log(`Pages with a chunk of their own: ${new Set(pages).size}.`);

for (const line of wrong) console.error(line);
process.exit(wrong.length ? 1 : 0);
