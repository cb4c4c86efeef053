/** The example page in headless Chromium: the exported model runs there, and gives onnxruntime-node's numbers. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../engines/browser.js";
import { difference } from "../export/runs.js";
import { digitsModel, type ExportedModel } from "./digits-model.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

let model: ExportedModel;
let server: Server;
let browser: Browser;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  model = await digitsModel();
  // The package's folder, as any static server would serve it, with the model beside the page.
  server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const body =
      path === "/examples/web-page/digits.onnx" ? model.bytes : await readFile(join(ROOT, path)).catch(() => null);
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(body === null ? 404 : 200, { "Content-Type": type }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  browser = await startChromium();
  page = await browser.newPage({ viewport: { width: 800, height: 640 } });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/examples/web-page/index.html`);
  await page.waitForFunction(() => document.getElementById("verdict")!.textContent!.includes("log-density"));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  await model?.remove();
});

const verdict = () => page.textContent("#verdict");

/** Waits until the page's answer is another one. */
async function answerTo(action: () => Promise<void>): Promise<string> {
  const before = await verdict();
  await action();
  await page.waitForFunction((old) => document.getElementById("verdict")!.textContent !== old, before);
  return (await verdict())!;
}

/** Writes a picture of the page where it is asked for, to be looked at. */
async function picture(name: string): Promise<void> {
  const folder = process.env.EXAMPLE_PICTURES;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
}

test("a digit of the data is recognised", async () => {
  expect(await answerTo(() => page.click("#example"))).toMatch(/^This is a 3 \(log-density -?[\d.]+\)$/);
  await picture("digit");
});

test("noise is nothing that the model knows", async () => {
  const verdicts: string[] = [];
  for (let i = 0; i < 5; i++) {
    await answerTo(() => page.click("#clear"));
    verdicts.push(await answerTo(() => page.click("#noise")));
  }
  await picture("noise");
  expect(verdicts.filter((text) => text.startsWith("No digit that I know")).length).toBeGreaterThanOrEqual(4);
});

test("what is drawn arrives at the model", async () => {
  await answerTo(() => page.click("#clear"));
  const box = (await page.locator("#pad").boundingBox())!;
  const at = (x: number, y: number) => [box.x + (x / 8) * box.width, box.y + (y / 8) * box.height] as const;
  const drawn = await answerTo(async () => {
    await page.mouse.move(...at(4, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(4, 7.5), { steps: 12 });
    await page.mouse.up();
  });
  expect(drawn).toMatch(/log-density/);
  await picture("drawn");
  const ink = await page.evaluate(() => {
    const canvas = document.getElementById("pad") as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, 8, 8);
    return Array.from({ length: 64 }, (_, i) => data[4 * i]!);
  });
  expect(ink.filter((v) => v < 128).length).toBeGreaterThanOrEqual(8);
});

test("onnxruntime-web gives the numbers of onnxruntime-node", async () => {
  const x = Float32Array.from({ length: 7 * 64 }, (_, i) => (i * 7) % 17);
  const here = await InferenceSession.create(model.bytes);
  const expected = await here.run({ x: new Tensor("float32", x, [7, 1, 8, 8]) });
  await here.release();
  // As text: the test runner rewrites imports in functions.
  const there = (await page.evaluate(`(async () => {
    const ort = await import("onnxruntime-web");
    const session = await ort.InferenceSession.create("digits.onnx");
    const outputs = await session.run({ x: new ort.Tensor("float32", Float32Array.of(${x}), [7, 1, 8, 8]) });
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data)]));
  })()`)) as Record<string, number[]>;
  expect(Object.keys(there).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { data }] of Object.entries(expected)) {
    // Sums of 32-bit floats in another order.
    expect(difference(there[name]!, Array.from(data as Float32Array, Number)), name).toBeLessThan(1e-5);
  }
});

test("the page reports no errors", () => {
  expect(errors).toEqual([]);
});
