/**
 * The pictures of docs/playground.md: the built page in Chromium, after training in it.
 *
 *   npx tsx scripts/playground-pictures.ts [ITERATIONS]
 */
import { writeFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { startChromium } from "../test/engines/browser.js";
import { startSite } from "../test/pages/site.js";

const OUT = "docs/images";
/** Widths in pixels, until a picture is small enough. */
const WIDTHS = [1000, 820, 640, 520];
const MOST_BYTES = 150_000;
const PATIENCE = 600_000;

const iterations = Number(process.argv[2] ?? 800);
const site = await startSite();
const browser = await startChromium();

async function open(hash: string, viewport: { width: number; height: number }, colorScheme: "light" | "dark") {
  const page = await browser.newPage({ viewport, colorScheme });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${site.origin}/playground/${hash}`);
  return page;
}

async function train(page: Page, start: string, until: number): Promise<void> {
  await page.getByRole("button", { name: start }).click();
  await page.waitForFunction((n) => Number(document.querySelector(".timeline b")?.textContent) >= n, until);
  const pause = page.getByRole("button", { name: "Pause" });
  if (await pause.isVisible()) await pause.click();
  await page.waitForTimeout(3000);
}

async function save(page: Page, name: string, fullPage = false): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  const taken = await page.screenshot({ fullPage });
  for (const width of WIDTHS) {
    const small = await sharp(taken)
      .resize({ width, withoutEnlargement: true })
      .png({ palette: true, effort: 9, dither: 0.4 })
      .toBuffer();
    if (small.length > MOST_BYTES && width !== WIDTHS.at(-1)) continue;
    await writeFile(`${OUT}/playground-${name}.png`, small);
    console.log(`playground-${name}.png: ${(small.length / 1000).toFixed(0)} kB`);
    return;
  }
}

const plane = await open("#/plane?layers=data,samples,grid", { width: 1200, height: 1160 }, "light");
await train(plane, "Start training", iterations);
await save(plane, "plane");
await plane.getByRole("button", { name: "One step" }).click();
await plane.getByText(/as it was done/).waitFor();
await plane.getByRole("button", { name: "2 · Weigh" }).click();
await plane.emulateMedia({ colorScheme: "dark" });
await save(plane, "weigh", true);
await plane.close();

const digits = await open("#/digits", { width: 1200, height: 940 }, "light");
await train(digits, "Train it", Math.min(1000, iterations));
await digits.getByRole("button", { name: "A test digit" }).click();
await digits.waitForTimeout(2000);
await save(digits, "digits");
await digits.close();

const phone = await open("#/plane?methods=vera,ed&data=moons", { width: 390, height: 844 }, "dark");
await train(phone, "Start training", iterations / 4);
await save(phone, "phone");
await browser.close();
await site.close();
