/** The page of one run, as someone looks at it while it trains. */
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FolderLock } from "../../src/files/index.js";
import { axeProblems, overflow, StudioPages } from "./pages.js";
import { curves, metrics, pointChart, samplesAt, writeRun } from "./written-runs.js";

let pages: StudioPages;
/** Of the run that trains. */
let trains: FolderLock;
/** Addresses of the runs, by name. */
const at: Record<string, string> = {};

const picture = (shade: number): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: { r: shade, g: shade, b: shade } } })
    .png()
    .toBuffer();

beforeAll(async () => {
  pages = await StudioPages.start(async (folder) => {
    const figures = [
      ...(await Promise.all([100, 200].map(async (i) => ({ name: samplesAt(i), png: await picture(i) })))),
      { name: "chains-input", png: await picture(50) },
      { name: "log-density", png: await picture(60), spec: pointChart("f of data") },
      {
        name: "reliability",
        png: await picture(70),
        spec: { ...pointChart("away"), data: { url: "http://127.0.0.1:9/x.json" } },
      },
    ];
    const lines = [...curves(200, 10, 1), metrics(200, "test", { accuracy: 0.9321, nll: 0.25 })];
    const said = ["iteration 10: loss_energy 0.4", "warning: <img src=x onerror=alert(1)> f drifts"];
    await writeRun(folder, {
      name: "full",
      settings: { lr: 0.02 },
      iterations: 200,
      lines,
      figures,
      said,
      checkpoint: true,
    });
    trains = await FolderLock.take(
      await writeRun(folder, { name: "grows", end: null, iterations: 200, lines: curves(100, 10, 2) }),
    );
    await writeRun(folder, { name: "empty", end: null, lines: [] });
    await writeRun(folder, { name: "diverged", end: "diverged", lines: curves(50, 10, 3) });
    const torn = await writeRun(folder, { name: "torn", lines: curves(50, 10, 3) });
    await writeFile(join(torn, "config.json"), "{");
  });
  const page = await pages.open("");
  await page.locator(".runs-body tr").first().waitFor();
  for (const link of await page.locator(".runs-body th a").all()) {
    at[await link.innerText()] = (await link.getAttribute("href"))!;
  }
});
afterAll(async () => {
  await trains?.release();
  await pages?.close();
});

const chart = (page: Page, title: string) => page.getByRole("img", { name: new RegExp(`^${title},`) });

describe("one run", () => {
  test("shows curves, test, settings that differ and the log, with what they mean", async () => {
    const page = await pages.open(at.full!);
    await chart(page, "f of data and samples").waitFor();
    expect(await chart(page, "f of data and samples").getAttribute("aria-label")).toContain("by iteration");
    expect(await page.getByRole("region", { name: "On the test split" }).innerText()).toContain("0.9321");
    const configuration = page.getByRole("region", { name: "Configuration" });
    expect(await configuration.innerText()).toMatch(/lr\s+0.02 · default/);
    await configuration.getByRole("button", { name: "lr", exact: true }).focus();
    await page.getByRole("tooltip").filter({ visible: true }).waitFor();
    expect(await page.getByRole("tooltip").filter({ visible: true }).innerText()).toMatch(/rate/i);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("tooltip").filter({ visible: true }).count()).toBe(0);
    const log = page.getByRole("region", { name: "Log", exact: true });
    expect(await log.innerText(), "text of files is text").toContain("<img src=x onerror=alert(1)> f drifts");
    expect(await log.locator("img").count()).toBe(0);
  });

  test("has one slider for curves and figures", async () => {
    const page = await pages.open(at.full!);
    const slider = page.getByRole("slider", { name: "Iteration" });
    expect(await slider.inputValue()).toBe("200");
    await page.getByRole("heading", { name: "Samples at 200" }).waitFor();
    const label = await chart(page, "Losses of the density model").getAttribute("aria-label");
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("heading", { name: "Samples at 100" }).waitFor();
    await page.getByRole("button", { name: "Figures before" }).click();
    expect(await slider.inputValue()).toBe("100");
    expect(await chart(page, "Losses of the density model").getAttribute("aria-label")).not.toBe(label);
    await page.getByRole("button", { name: "Latest" }).click();
    expect(await slider.inputValue()).toBe("200");
  });

  test("draws specifications, from their own data alone", async () => {
    const page = await pages.open(at.full!);
    await page.locator(".vega-figure canvas").first().waitFor();
    await page.getByText("This chart cannot be drawn: it names a file outside itself").waitFor();
    await page.getByRole("button", { name: "Enlarge: Histogram of f" }).click();
    await page.getByRole("dialog").locator("canvas").waitFor();
  });

  test("smooths curves and takes a log scale", async () => {
    const page = await pages.open(at.full!);
    await chart(page, "Losses of the density model").waitFor();
    const value = page.locator("figure.chart", { hasText: "Losses of the density model" }).locator(".value");
    const plain = await value.innerText();
    await page.getByLabel(/^Smoothing/).fill("0.8");
    await expect.poll(() => value.innerText()).not.toBe(plain);
    await page.getByLabel("Log scale").check();
    await chart(page, "Losses of the density model").waitFor();
  });

  test("grows while it trains", async () => {
    const page = await pages.open(at.grows!);
    await page.locator(".connection.good").waitFor();
    const slider = page.getByRole("slider", { name: "Iteration" });
    expect(await slider.inputValue()).toBe("100");
    await appendFile(
      join(pages.folder, "grows/metrics.jsonl"),
      `${JSON.stringify(metrics(150, "train", { loss_energy: 0.1234 }))}\n`,
    );
    await expect.poll(() => slider.inputValue(), { timeout: 15_000 }).toBe("150");
    await expect
      .poll(() => chart(page, "Losses of the density model").getAttribute("aria-label"))
      .toContain("loss_energy 0.1234");
  });

  test("says what it has not, and what went wrong", async () => {
    const page = await pages.open(at.empty!);
    await page.getByText("This run wrote no metrics").waitFor();
    await page.getByText("No figures yet").waitFor();
    const diverged = await pages.open(at.diverged!);
    await diverged.getByRole("alert").getByText("training diverged").waitFor();
    const torn = await pages.open(at.torn!);
    await torn.getByRole("alert").getByText("config.json").waitFor();
    const none = await pages.open("#/runs/no-such-run");
    await none.getByRole("heading", { name: "There is no such run" }).waitFor();
    pages.problems.splice(0); // the browser tells of that answer
  });

  test("leads to a new run with its settings, and to what is saved of it", async () => {
    const page = await pages.open(at.full!);
    expect(await page.getByRole("link", { name: "Start again with changes" }).getAttribute("href")).toMatch(
      /^#\/new\?from=full-/,
    );
    await page.getByRole("button", { name: "Export ▾" }).click();
    expect(await page.getByRole("menuitem").allInnerTexts()).toHaveLength(4);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("menu").count()).toBe(0);
    expect(await page.getByRole("link", { name: "Ask the model" }).getAttribute("href")).toMatch(/^#\/ask\/full-/);
    expect(await page.getByRole("link", { name: "Landscape", exact: true }).count()).toBe(2); // the navigation's, too
  });

  test.each([
    ["grows", "Its model can be asked, mapped and exported from its first checkpoint on."],
    ["diverged", "It left no checkpoint, so there is no model to ask, map or export."],
    ["torn", "Its model cannot be read."],
  ])("offers no model where there is none, and says why: %s", async (name, why) => {
    const page = await pages.open(at[name]!);
    await page.getByText(why).waitFor();
    expect(await page.getByRole("link", { name: "Ask the model" }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "Landscape", exact: true }).count()).toBe(1); // the navigation's
    await page.getByRole("button", { name: "Export ▾" }).click();
    expect(await page.getByRole("menuitem").allInnerTexts()).toEqual(["Report (one HTML file)"]);
  });

  test.each(["light", "dark"] as const)("has nothing that axe finds serious, %s", async (theme) => {
    for (const name of ["full", "diverged"]) {
      const page = await pages.open(at[name]!, { theme });
      await chart(page, "f of data and samples").waitFor();
      expect(await axeProblems(page)).toEqual([]);
    }
  });

  test("fits a phone", async () => {
    const page = await pages.open(at.full!, { width: 390 });
    await chart(page, "f of data and samples").waitFor();
    expect(await overflow(page)).toBe(0);
  });

  test("and nothing went wrong in the pages", () => {
    expect(pages.problems).toEqual([]);
  });
});
