/** Runs side by side, as someone compares them. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeProblems, overflow, StudioPages } from "./pages.js";
import { curves, writeRun } from "./written-runs.js";

let pages: StudioPages;
let hash: string;

beforeAll(async () => {
  pages = await StudioPages.start(async (folder) => {
    for (const [lr, level] of [
      [0.001, 0],
      [0.01, 0.2],
    ] as const) {
      for (const seed of [1, 2]) {
        const lines = curves(200, 10, seed, level + seed / 100);
        await writeRun(folder, { name: `moons/lr-${lr}-seed-${seed}`, settings: { lr, seed }, iterations: 200, lines });
      }
    }
  });
  const page = await pages.open("");
  await page.getByLabel("Choose all runs that are listed").check();
  hash = (await page.getByRole("link", { name: "Compare", exact: true }).last().getAttribute("href"))!;
});
afterAll(() => pages?.close());

async function compared(look = {}): Promise<Page> {
  const page = await pages.open(hash, look);
  await page.getByRole("img", { name: /^validation\/nll,/ }).waitFor();
  return page;
}

describe("the comparison", () => {
  test("overlays curves, a line for each run, of the metrics that are chosen", async () => {
    const page = await compared();
    const chart = page.getByRole("img", { name: /^validation\/nll,/ });
    expect(await chart.getAttribute("aria-label")).toMatch(/lr-0.001-seed-1 .*lr-0.01-seed-2/);
    await page.getByLabel("Show lr-0.01-seed-2").uncheck();
    await expect.poll(() => chart.getAttribute("aria-label")).not.toContain("lr-0.01-seed-2");
    await page.getByRole("button", { name: /^Metrics/ }).click();
    await page.getByLabel("train/sigma").check();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("img", { name: /^train\/sigma,/ }).waitFor();
  });

  test("lists only settings that differ, and results of equal settings with their spread", async () => {
    const page = await compared();
    const differences = page.getByRole("region", { name: "Settings that differ", exact: true });
    expect(await differences.locator("tbody th").allInnerTexts()).toEqual(["lr", "seed"]);
    const rows = page.getByRole("region", { name: "Results", exact: true }).locator("tbody tr");
    expect(await rows.count()).toBe(2);
    // nll at its least is 0.2 + exp(-5) + 0.01 or 0.02; of two, Student's t is 12.7.
    expect(await rows.filter({ hasText: "lr 0.001" }).innerText()).toMatch(
      /★\s+best\s+0\.2217 ± 0\.0071\s+\[0\.1582, 0\.2853\]/,
    );
  });

  test("draws settings and results on parallel axes, and one run's alone", async () => {
    const page = await compared();
    const parallel = page.getByRole("region", { name: "Settings and results" });
    expect(await parallel.locator("svg path").count()).toBe(4);
    expect(await parallel.locator("text.name").allTextContents()).toEqual(expect.arrayContaining(["lrlr", "seedseed"]));
    await parallel.getByRole("button", { name: "lr-0.01-seed-2" }).focus();
    await parallel.getByText(/lr 0\.01 · seed 2/).waitFor();
  });

  test("says what to do where nothing is chosen", async () => {
    const page = await pages.open("#/compare");
    await page.getByText("Choose two runs or more").waitFor();
  });

  test.each(["light", "dark"] as const)("has nothing that axe finds serious, %s", async (theme) => {
    expect(await axeProblems(await compared({ theme }))).toEqual([]);
  });

  test("fits a phone", async () => {
    expect(await overflow(await compared({ width: 390 }))).toBe(0);
  });

  test("and nothing went wrong in the pages", () => {
    expect(pages.problems).toEqual([]);
  });
});
