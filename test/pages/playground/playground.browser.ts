/** The playground as people use it, in Chromium: built, served as a static host does, and trained in. */
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "../../engines/browser.js";
import { type Site, startSite } from "../site.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Quick to train. */
const SMALL = "width=16&depth=1&batch=40&draws=50&posterior=2&chain=2&negatives=2";
const PATIENCE = 90_000;

let site: Site;
let browser: Browser;

beforeAll(async () => {
  site = await startSite();
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Opens an address of the playground; what goes wrong in the page fails the test. */
async function open(hash: string, options: Parameters<Browser["newPage"]>[0] = {}) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
  page.setDefaultTimeout(PATIENCE);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${site.origin}/playground/${hash}`);
  return { page, errors };
}

const iterationOf = async (page: Page) => Number(await page.locator(".timeline b").innerText());
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const trained = (page: Page, least: number) =>
  page.waitForFunction((n) => Number(document.querySelector(".timeline b")?.textContent) >= n, least);
/** The iteration when it does not change any more; what was under way at a pause is told first. */
async function settled(page: Page): Promise<number> {
  for (let before = -1; ; ) {
    const now = await iterationOf(page);
    if (now === before) return now;
    before = now;
    await page.waitForTimeout(3000);
  }
}
const nll = (page: Page) => page.locator(".method .figures").first().innerText();

/** What axe-core finds that is serious. */
async function serious(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

const overflows = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

describe("the plane", () => {
  test("choose data, start, pause, step, take apart, look back", async () => {
    const { page, errors } = await open(`#/plane?methods=vera,ed&${SMALL}`);
    await page.getByLabel("Points from").selectOption("moons");
    expect(page.url()).toContain("data=moons");
    await button(page, "Start training").click();
    await trained(page, 60);
    await button(page, "Pause").click();
    await button(page, "Go on").waitFor();
    const paused = await settled(page);

    await button(page, "One step").click();
    await page.getByText(/^Iteration \d+ as it was done/).waitFor();
    await trained(page, paused + 1); // it is told when every method has done it, and VERA may be first
    expect(await settled(page)).toBe(paused + 1);
    await button(page, "2 · Weigh").click();
    expect(await button(page, "2 · Weigh").getAttribute("aria-pressed")).toBe("true");
    await page.getByText("Σ w f(x_g)").waitFor();

    const now = await nll(page);
    await page.getByRole("slider").fill("0");
    expect(await iterationOf(page)).toBe(0);
    expect(await nll(page)).not.toBe(now);
    await button(page, "Go on").click();
    await trained(page, paused + 20);
    await button(page, "Begin anew").click();
    await page.waitForFunction(() => document.querySelector(".timeline b")?.textContent === "0");
    expect(errors).toEqual([]);
    await page.close();
  });

  test("a link gives the same run again", async () => {
    const numbersAfter = async (hash: string) => {
      const { page } = await open(hash);
      await button(page, "One step").click();
      await page.getByText("Iteration 1 as it was done").waitFor();
      const numbers = await page.locator(".numbers").allInnerTexts();
      await page.close();
      return numbers;
    };
    const link = `#/plane?data=pinwheel&methods=vera&seed=7&${SMALL}`;
    const [first, again, other] = [
      await numbersAfter(link),
      await numbersAfter(link),
      await numbersAfter(link.replace("=7", "=8")),
    ];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("points are drawn by pointer and by keys, and are in the link", async () => {
    const { page, errors } = await open(`#/plane?methods=ed&${SMALL}`);
    await button(page, "Draw").click();
    const pad = page.getByRole("application");
    const { x, y, width } = (await pad.boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + width * 0.3);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.7, y + width * 0.6, { steps: 12 });
    await page.mouse.up();
    await pad.focus();
    for (const key of ["ArrowUp", "Space"]) await page.keyboard.press(key);
    await page.getByText(/Draw on the landscape: \d\d of 1000/).waitFor();
    await button(page, "Done drawing").click();
    await button(page, "Start training").click();
    await trained(page, 20);
    const { page: other } = await open(new URL(page.url()).hash);
    await other.getByText("Points of your own have no known entropy").waitFor();
    expect(await other.getByLabel("Points from").inputValue()).toBe("points");
    expect(errors).toEqual([]);
    await page.close();
    await other.close();
  });

  test("two columns are pasted, and what is none is told", async () => {
    const { page } = await open(`#/plane?methods=ssm&${SMALL}`);
    await button(page, "Paste").click();
    const text = page.getByLabel("Two columns of numbers, one row a line");
    await text.fill("nothing");
    await button(page, "Take these points").click();
    await page.getByText("Found 0 rows of two numbers").waitFor();
    await text.fill(Array.from({ length: 50 }, (_, i) => `${20 + Math.cos(i)};${3 * Math.sin(2 * i)}`).join("\n"));
    await button(page, "Take these points").click();
    await page.getByText(/^50 points; x = 1\.5 · \(column 1 − 20/).waitFor();
    await button(page, "One step").click();
    await page.getByText("Iteration 1 as it was done").waitFor();
    await page.close();
  });

  test("slow motion goes through draw, weigh, move, and on", async () => {
    const { page } = await open(`#/plane?methods=sgld&${SMALL}`);
    await button(page, "Slow motion").click();
    for (const title of ["1 · Draw", "2 · Weigh", "3 · Move"])
      await page.locator(`.phase[aria-pressed="true"]`, { hasText: title }).waitFor();
    await trained(page, 2);
    await page.close();
  });

  test.each(["light", "dark"] as const)(
    "axe-core finds nothing serious, %s; on a phone nothing sticks out",
    async (colorScheme) => {
      const { page } = await open(`#/plane?methods=vera,ssm&layers=data,samples,grid,score,entropy&${SMALL}`, {
        viewport: { width: 390, height: 800 },
        colorScheme,
        reducedMotion: "reduce",
      });
      await button(page, "One step").click();
      await page.getByText("Iteration 1 as it was done").waitFor();
      await page.getByText("Settings", { exact: true }).click();
      await button(page, "Paste").click();
      expect(await serious(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await page.close();
    },
  );
});

describe("the digits", () => {
  test("train, are told, and what is none is unlike them", async () => {
    const { page, errors } = await open("#/digits");
    await button(page, "Train it").click();
    await trained(page, 100);
    await button(page, "Pause").click();
    const said = await page.locator(".figures").first().innerText();
    expect(Number(/are told rightly/.test(said) && /Of 359 test digits ([\d.]+) %/.exec(said)![1])).toBeGreaterThan(60);
    await button(page, "A test digit").click();
    await page.getByText(/^A \d, with probability|^Like no digit/).waitFor();
    await button(page, "Noise").click();
    await page.getByText("Like no digit that it knows.").waitFor();
    const f = () => page.getByRole("img", { name: /^f of the drawing is/ }).getAttribute("aria-label");
    const ofNoise = await f();
    await button(page, "Clear").click();
    await expect.poll(f, { timeout: PATIENCE }).not.toBe(ofNoise);
    await page.getByText("Like no digit that it knows.").waitFor(); // nor of an empty picture
    await page.getByRole("application").focus();
    await page.keyboard.press("Space");
    expect(await serious(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await overflows(page)).toBe(false);
    expect(errors).toEqual([]);
    await page.close();
  }, 300_000);
});

test("first load is small: 1.5 MB at most without the engine", async () => {
  const page = await browser.newPage();
  let bytes = 0;
  page.on("response", async (response) => {
    if (response.url().includes("/engine/")) return;
    bytes += (await response.body().catch(() => Buffer.alloc(0))).length;
  });
  await page.goto(`${site.origin}/playground/`);
  await button(page, "Start training").waitFor();
  await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>("button.primary")?.disabled);
  console.log(`first load ${(bytes / 1000).toFixed(0)} kB`);
  expect(bytes).toBeLessThan(1_500_000);
  await page.close();
});
