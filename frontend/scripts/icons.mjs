// Draws the icons of public/ that have to be pixels from icon.svg. `npm run icons`, after icon.svg was changed.
import { readFileSync } from "node:fs";

import { chromium } from "@playwright/test";

const folder = new URL("../public/", import.meta.url);
const svg = readFileSync(new URL("icon.svg", folder), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking"],
});
for (const [name, side, drawing] of [
  ["icon-192.png", 192, svg],
  ["icon-512.png", 512, svg],
  // A launcher cuts its own shape out: the ground reaches every edge.
  ["icon-maskable-512.png", 512, svg.replace('rx="15" ', "")],
]) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(
    `<style>body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}</style>${drawing}`,
  );
  await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: true });
  await page.close();
}
await browser.close();
