/** The same training in Node and in a web page, from the same seed, ends at the same weights. */
import type { Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeEngine } from "../../src/runtime/engine-node.js";
import type { WebEngineOptions } from "../../src/runtime/engine-web.js";
import { openPage, SOFTWARE_CARD, serveTestPage, startChromium } from "./browser.js";
import type { PageTests } from "./page.js";
import { trainRing } from "./ring.js";
import { relativeDifference, type TrainingResult, train } from "./training.js";

declare const tests: PageTests;

const STEPS = 50;
const SEED = 1;
/** Iterations of VERA: with β₁ = 0 Adam steps by signs, and what differs in rounding is worth a step after some twenty. */
const FEW = 5;

let server: Server;
let origin: string;
let browser: Browser;
let reference: TrainingResult;

beforeAll(async () => {
  ({ server, origin } = await serveTestPage());
  browser = await startChromium();
  reference = await train({ steps: STEPS, seed: SEED, engine: nodeEngine({ threads: 1 }) });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

interface Run {
  readonly description: string;
  readonly result: TrainingResult | { readonly error: string };
  readonly submissions: number;
}

/** Trains in a page of its own. */
async function inPage(
  options: WebEngineOptions,
  { path = "isolated", steps = STEPS, on = browser } = {},
): Promise<Run> {
  const page = await openPage(on, `${origin}/${path}`);
  const description = await page.evaluate((o) => tests.describe(o), options);
  const result = await page.evaluate(([o, n, seed]) => tests.train(o, n, seed), [options, steps, SEED] as const);
  const submissions = await page.evaluate(() => tests.submissions);
  await page.close();
  return { description, result, submissions };
}

/** 32-bit floats have a precision of 6e-8; steps of Adam amplify what differs in the order of summation. */
const TOLERANCE = 1e-4;

function expectAgreement(result: Run["result"], expected: TrainingResult): void {
  expect(result).not.toHaveProperty("error");
  const { worst, difference } = relativeDifference(result as TrainingResult, expected);
  console.log(`largest relative difference ${difference.toExponential(1)} (${worst})`);
  expect(difference, worst).toBeLessThan(TOLERANCE);
}

describe("WebAssembly", () => {
  test.each([1, 2])("%i thread(s)", async (threads) => {
    const { description, result } = await inPage({ threads });
    expect(description).toBe(`onnxruntime-web wasm, ${threads} thread${threads === 1 ? "" : "s"}`);
    expectAgreement(result, reference);
  });

  test("one thread where the page is not isolated, and the description says why", async () => {
    const { description, result } = await inPage({ threads: 2 }, { path: "plain" });
    expect(description).toBe("onnxruntime-web wasm, 1 thread (2 need a page that is cross-origin isolated)");
    expectAgreement(result, reference);
  });

  test("files that are not there are an EngineError", async () => {
    const { result } = await inPage({ threads: 1, wasmPaths: "/nowhere/" });
    expect(result).toHaveProperty("error", expect.stringMatching(/^EngineError: onnxruntime-web wasm did not load/));
  });
});

test("the package's trainer and evaluator do in a page what they do in Node", async () => {
  const page = await openPage(browser, `${origin}/isolated`);
  const there = await page.evaluate(([o, n]) => tests.ring(o, n), [{ threads: 1 }, FEW] as const);
  await page.close();
  const here = await trainRing(nodeEngine({ threads: 1 }), FEW);
  expect(here).toHaveLength(2);
  for (const [i, f] of here.entries()) expect(there[i]).toBeCloseTo(f, 4);
});

describe("WebGPU", () => {
  test("without a graphics adapter an EngineError says so", async () => {
    const { result } = await inPage({ provider: "webgpu" });
    expect(result).toHaveProperty("error", expect.stringMatching(/^EngineError: WebGPU is not available in this page/));
  });

  // Chromium brings SwiftShader, a graphics card in software: slow, hence few steps.
  test("trains on a graphics card in software", async () => {
    const withGpu = await startChromium(SOFTWARE_CARD);
    const steps = 10;
    const { result, submissions } = await inPage({ provider: "webgpu", threads: 1 }, { steps, on: withGpu });
    await withGpu.close();
    expectAgreement(result, await train({ steps, seed: SEED, engine: nodeEngine({ threads: 1 }) }));
    expect(submissions).toBeGreaterThan(steps); // else the work was done elsewhere
  });
});

test("another seed ends elsewhere: the comparison can fail", async () => {
  const other = await train({ steps: STEPS, seed: SEED + 1, engine: nodeEngine({ threads: 1 }) });
  expect(relativeDifference(other, reference).difference).toBeGreaterThan(0.1);
});
