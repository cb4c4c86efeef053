/** From a table to a scored file, and what a model is asked, as someone does it in Chromium. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { VERA } from "../program.js";
import { axeProblems, overflow, StudioPages } from "./pages.js";
import { digitsRun, flowers, planeRun } from "./tiny-runs.js";

/** Loading a model takes a process, and machines are busy. */
const PATIENCE = 60_000;

let pages: StudioPages;
const ids = new Map<string, string>();

beforeAll(async () => {
  pages = await StudioPages.start(async (folder) => {
    await digitsRun(folder, 100);
    await planeRun(folder);
  }, VERA);
  const page = await pages.open("#/runs");
  const { runs } = await page.evaluate(async () => (await fetch("/api/runs")).json());
  for (const { id, name } of runs) ids.set(name, id);
  await page.context().close();
}, 240_000);
afterAll(() => pages?.close());
afterEach(() => expect(pages.problems.splice(0)).toEqual([]));

/** Nothing serious for axe-core, in light and dark, and nothing beyond a phone's edge. */
async function checkLooks(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeProblems(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 375, height: 800 });
  expect(await overflow(page)).toBe(0);
}

const drop = (page: Page, label: string, name: string, content: string) =>
  page.getByLabel(label).setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(content) });

test("a table is dropped, its columns are told and changed, it is trained, asked, and a file is scored", async () => {
  const page = await pages.open("#/new");
  page.setDefaultTimeout(PATIENCE);
  await drop(page, "Choose a table …", "flowers.csv", flowers(200, 1));
  const becomes = (name: string) => page.getByLabel(`${name} becomes`);
  await becomes("kind").waitFor();
  expect(await becomes("kind").inputValue()).toBe("category");
  await page.getByLabel("Column of classes").selectOption("kind");
  await expect.poll(() => becomes("kind").inputValue(), { timeout: PATIENCE }).toBe("class");
  await becomes("colour").selectOption("left out");
  await expect
    .poll(() => page.locator("tr", { hasText: "colour" }).innerText(), { timeout: PATIENCE })
    .toContain("as asked");
  expect(await page.getByLabel("density and classes").isChecked()).toBe(true);
  await page.getByLabel("Change another setting").fill("seed");
  await page.getByLabel("--seed", { exact: true }).fill("7");
  await page.getByLabel("--seed", { exact: true }).blur();
  await page.getByRole("button", { name: "What would it be?" }).click();
  await page.getByText("memory of an iteration").waitFor();
  expect(await page.locator(".plan").innerText()).toContain("data: ");
  await page.getByLabel("Name").fill("dropped");
  await checkLooks(page);
  await page.getByRole("button", { name: "Train" }).click();
  await page.locator(".queue").getByText("dropped").waitFor();
  await page.locator(".queue").getByText("Ask the model").click({ timeout: 120_000 });

  // The model is asked about a row.
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.locator(".verdict").waitFor();
  await page.getByLabel("width", { exact: true }).fill("60");
  await expect
    .poll(() => page.locator(".verdict").innerText(), { timeout: PATIENCE })
    .toContain("unlike the training data");
  expect(await page.locator(".bars[aria-label^='Share'] li").first().innerText()).toContain("width");
  await page.getByLabel("width, slider").focus();
  await page.keyboard.press("Home");
  await expect.poll(() => page.getByLabel("width", { exact: true }).inputValue()).not.toBe("60");

  // And about a table.
  const rows = flowers(60, 2).trimEnd().split("\n");
  rows.splice(20, 0, "3,60,red,rose");
  await drop(page, "Choose a table …", "new.csv", rows.join("\n"));
  await page.getByText("61 rows").waitFor();
  const first = page.locator(".scored tbody tr").first();
  expect(await first.innerText()).toMatch(/21[\s\S]*100 %/);
  await first.getByRole("button").click();
  await expect.poll(() => page.locator(".scored .why").innerText(), { timeout: PATIENCE }).toContain("width");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download as CSV").click()]);
  expect(download.suggestedFilename()).toBe("new-scored.csv");
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(62);
  expect(lines[0]).toBe("line,length,width,colour,kind,class,probability,log_density,surprise,ood,note");
  expect(lines[20]).toMatch(/^21,3,60,red,rose,\w+,[\d.]+,[-\d.e]+,1,true,$/);
  const right = lines.slice(1).filter((line) => line.split(",")[4] === line.split(",")[5]);
  expect(right.length).toBeGreaterThan(50);
  await checkLooks(page);
  await page.context().close();
}, 300_000);

test("a new run begins with the settings of another", async () => {
  const page = await pages.open(`#/new?from=${ids.get("digits")}`);
  await page.getByText("Chosen: digits").waitFor();
  expect(await page.getByLabel("--n-iters", { exact: true }).inputValue()).toBe("100");
  expect(await page.getByLabel("density and classes").isChecked()).toBe(true);
  await page.context().close();
});

describe("a model of pictures", () => {
  test("says what it makes of a drawing: by pointer, and by keys", async () => {
    const page = await pages.open(`#/ask/${ids.get("digits")}`);
    page.setDefaultTimeout(PATIENCE);
    const pad = page.locator(".pad canvas");
    const box = (await pad.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.15);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.85, { steps: 10 });
    await page.mouse.up();
    await page.locator(".verdict").waitFor();
    expect(await page.locator(".bars li").count()).toBe(10);
    expect(await page.locator(".nearest-pictures img").count()).toBe(5);
    expect(await page.locator(".gains canvas").count()).toBe(1);
    await checkLooks(page);
    const before = await page.locator(".verdict").innerText();
    await pad.focus();
    for (const key of ["Delete", "ArrowLeft", " ", "Shift+ArrowDown", "Shift+ArrowDown"])
      await page.keyboard.press(key);
    await expect.poll(() => page.locator(".verdict").innerText(), { timeout: PATIENCE }).not.toBe(before);
    await page.context().close();
  }, 120_000);

  test("takes files, the most surprising first, and says which cannot be read", async () => {
    const page = await pages.open(`#/ask/${ids.get("digits")}`);
    page.setDefaultTimeout(PATIENCE);
    const icon = await readFile(new URL("../../docs/images/mnist.png", import.meta.url)).catch(() => Buffer.alloc(0));
    await page.getByLabel("Choose pictures …").setInputFiles([
      { name: "some.png", mimeType: "image/png", buffer: icon },
      { name: "<img src=x onerror=alert(1)>.png", mimeType: "image/png", buffer: Buffer.from("none") },
    ]);
    await page.locator(".given-pictures li").nth(1).waitFor();
    expect(await page.locator(".given-pictures").innerText()).toContain("cannot be read");
    await page.context().close();
    pages.problems.length = 0; // the browser tells of the answer 400
  }, 120_000);
});

test("the landscape of a density in the plane: at each checkpoint, with chains that move", async () => {
  const page = await pages.open(`#/landscape/${ids.get("rings")}`);
  page.setDefaultTimeout(PATIENCE);
  await page.locator(".map canvas").first().waitFor();
  expect(await page.locator(".map canvas").first().getAttribute("aria-label")).toMatch(
    /^log p\(x\) over x and y, from −/,
  );
  const moment = page.getByLabel("Step of the chains");
  await expect.poll(() => moment.inputValue(), { timeout: PATIENCE }).not.toBe("0");
  await page.getByRole("button", { name: "Pause" }).click();
  const still = await moment.inputValue();
  await page.waitForTimeout(500);
  expect(await moment.inputValue()).toBe(still);
  await page.getByText("iteration 60").waitFor();
  await page.getByLabel("Iteration").focus();
  await page.keyboard.press("ArrowLeft");
  await page.getByText("iteration 30").waitFor();
  const box = (await page.locator(".map").boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  expect(await page.locator(".map-pointed").innerText()).toMatch(/^at \(.+\): log p = −?\d/);
  await page.getByLabel("contours").uncheck();
  await checkLooks(page);
  await page.context().close();
}, 120_000);

test("the landscape of pictures goes through three that are chosen", async () => {
  const page = await pages.open(`#/landscape/${ids.get("digits")}`);
  page.setDefaultTimeout(PATIENCE);
  await page.getByText("Which plane").waitFor();
  for (const k of [1, 4, 7]) await page.getByRole("button", { name: `picture ${k}`, exact: true }).click();
  await expect
    .poll(() => page.locator(".map canvas").first().getAttribute("aria-label"), { timeout: PATIENCE })
    .toContain("from the first example to the second");
  await checkLooks(page);
  await page.context().close();
}, 120_000);

test("without a run, views ask which; of one that is not there, they say so", async () => {
  const page = await pages.open("#/ask");
  await page.getByRole("link", { name: "rings" }).waitFor();
  expect(await axeProblems(page)).toEqual([]);
  await page.goto(`${page.url().split("#")[0]}#/landscape/none`);
  await page.getByText("there is no such run").waitFor();
  await page.context().close();
  pages.problems.length = 0; // the browser tells of the answer 404
});
