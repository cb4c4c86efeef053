/** Training as someone steers it from the page: stopped, resumed and exported by its buttons. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VERA } from "../program.js";
import { axeProblems, StudioPages } from "./pages.js";
import { planeRun } from "./tiny-runs.js";

/** A training is a process that has to start, and machines are busy. */
const PATIENCE = 120_000;

let pages: StudioPages;

beforeAll(async () => {
  pages = await StudioPages.start(async (folder) => {
    await planeRun(folder);
  }, VERA);
}, 240_000);
afterAll(() => pages?.close());

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const link = (page: Page, name: string) => page.locator("main").getByRole("link", { name, exact: true });
const iteration = async (page: Page): Promise<number> =>
  Number((await page.getByLabel("Iteration", { exact: true }).getAttribute("max")) ?? 0);

test("a run is started again for longer, stopped, resumed, stopped, and its model exported", async () => {
  const page = await pages.open("#/runs");
  page.setDefaultTimeout(PATIENCE);
  await link(page, "rings").click();
  await link(page, "Start again with changes").click();
  for (const [flag, value] of [
    ["--n-iters", "30000"], // a failed test leaves a training, which ends some time
    ["--print-every", "10"],
  ] as const) {
    await page.getByLabel(flag, { exact: true }).fill(value);
    await page.getByLabel(flag, { exact: true }).blur();
  }
  await page.getByLabel("Name").fill("long");
  await button(page, "What would it be?").click();
  await page.getByText(/^About .+ for 30,000 iterations: one run like it, did [\d.,]+ a second\.$/).waitFor();
  await button(page, "Train").click();
  await page.locator(".queue").getByRole("link", { name: "long" }).click();

  await button(page, "■ Stop").waitFor();
  await page.getByText("from its first checkpoint on").waitFor();
  expect(await link(page, "Ask the model").count()).toBe(0);
  expect(await axeProblems(page)).toEqual([]);
  await expect.poll(() => iteration(page), { timeout: PATIENCE }).toBeGreaterThan(0);
  await button(page, "■ Stop").click();
  await page.getByText("It stops after this iteration.").waitFor();

  await button(page, "▶ Resume").waitFor();
  await link(page, "Ask the model").waitFor();
  const reached = await iteration(page);
  await button(page, "▶ Resume").click();
  await page.getByText("It goes on.").waitFor();
  await expect.poll(() => iteration(page), { timeout: PATIENCE }).toBeGreaterThan(reached);
  await button(page, "■ Stop").click();
  await button(page, "▶ Resume").waitFor();

  for (const [label, file, at, begins] of [
    ["ONNX model", "long.onnx", 0, "\b"], // the first field of protobuf's: its version
    ["Weights (safetensors)", "long.safetensors", 8, '{"'],
    ["Report (one HTML file)", "long.html", 0, "<!doctype html>"],
  ] as const) {
    await button(page, "Export ▾").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: label, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(file);
    const bytes = await readFile(await download.path());
    expect(
      bytes
        .subarray(at, at + begins.length)
        .toString("latin1")
        .toLowerCase(),
    ).toBe(begins);
    await page.getByText(`${file}, `).waitFor();
  }
  await page.context().close();
  expect(pages.problems).toEqual([]);
}, 600_000);
