/**
 * Every architecture's training step on a graphics card in software computes what the CPU does: in Node all of them, in a web
 * page two, since most of the time goes into translating shaders.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nodeEngine } from "../../src/runtime/engine-node.js";
import { ARCHITECTURES, type Architecture, largestDifference, trainArchitecture } from "./architectures.js";
import { openPage, SOFTWARE_CARD, serveTestPage, softwareDriver, startChromium } from "./browser.js";
import { type Extremes, extremes } from "./extremes.js";
import type { PageTests } from "./page.js";

declare const tests: PageTests;

/** Of any metric of three iterations, relative; at most 4e-5 was seen. */
const TOLERANCE = 1e-3;
const PATIENCE = 600_000;

async function expectAsOnCpu(name: Architecture, metrics: Record<string, number[]>): Promise<void> {
  const [worst, difference] = largestDifference(metrics, await trainArchitecture(name, nodeEngine({ threads: 1 })));
  console.log(`${name}: largest relative difference ${difference.toExponential(1)} (${worst})`);
  expect(difference, `${name}, ${worst}`).toBeLessThan(TOLERANCE);
}

/** Of numbers, relative to them or to 1; exponentials differ by 1e-6. */
const ROUNDING = 1e-5;

async function expectExtremesAsOnCpu(found: Extremes): Promise<void> {
  const expected = await extremes(nodeEngine({ threads: 1 }));
  for (const [name, values] of Object.entries(expected)) {
    const wrong = values.filter((value, i) => {
      const [a, b] = [Number(value), Number(found[name]![i])];
      return !Object.is(a, b) && !(Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a)));
    });
    expect(wrong, name).toEqual([]);
  }
}

test(
  "in Node",
  async () => {
    const script = fileURLToPath(new URL("on-card.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script], { env: softwareDriver(), stdio: "pipe" });
    const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    expect(child.exitCode, complaints).toBe(0);
    const lines = printed.trim().split("\n");
    await expectExtremesAsOnCpu(JSON.parse(lines.pop()!) as Extremes);
    const done = lines.map((line) => JSON.parse(line) as { name: Architecture; metrics: Record<string, number[]> });
    expect(done.map(({ name }) => name)).toEqual(ARCHITECTURES);
    for (const { name, metrics } of done) await expectAsOnCpu(name, metrics);
  },
  PATIENCE,
);

test(
  "a dry run says which operators the card leaves to the CPU",
  async () => {
    const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
    const args = ["--import", "tsx", main, "train", "--preset", "quickstart", "--provider", "webgpu", "--dry-run"];
    const child = spawn(process.execPath, args, { env: softwareDriver(), stdio: "pipe" });
    const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    expect(child.exitCode, complaints).toBe(0);
    expect(printed).toMatch(
      /^of \d+ operators of an iteration 1 falls back to the CPU, with 2 copies: Cast \(energy\/Cast_1\)$/m,
    );
  },
  PATIENCE,
);

test(
  "in a web page",
  async () => {
    const { server, origin } = await serveTestPage();
    const browser = await startChromium(SOFTWARE_CARD);
    try {
      const page = await openPage(browser, `${origin}/isolated`);
      for (const name of ["toy", "MLP of a table, JEM"] as const) {
        const metrics = await page.evaluate((n) => tests.architecture({ provider: "webgpu", threads: 1 }, n), name);
        await expectAsOnCpu(name, metrics);
      }
      await expectExtremesAsOnCpu(await page.evaluate(() => tests.extremes({ provider: "webgpu", threads: 1 })));
      expect(await page.evaluate(() => tests.submissions)).toBeGreaterThan(0);
    } finally {
      await browser.close();
      server.close();
    }
  },
  PATIENCE,
);
