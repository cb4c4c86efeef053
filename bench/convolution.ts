/**
 * A small convolution step in Chromium, this package beside jax-js, both on WebAssembly; and this package natively in Node. In turns, on the
 * same machine, each in a page of its own. jax-js is no dependency: install it anywhere and name the folder.
 *
 *   mkdir /some/folder && cd /some/folder && npm init -y && npm install @jax-js/jax
 *   npx tsx bench/convolution.ts /some/folder
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { startChromium } from "../test/engines/browser.js";
import type { PageBench } from "./convolution-page.js";
import { ourSteps } from "./convolution-step.js";

declare const bench: PageBench;

const ROUNDS = 4;
const STEPS = { ours: 60, jax: 12 } as const;
const ORT = fileURLToPath(new URL("../node_modules/onnxruntime-web/dist/", import.meta.url));

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("name the folder where @jax-js/jax is installed");
const bundle = await build({
  entryPoints: [fileURLToPath(new URL("convolution-page.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  platform: "browser",
  conditions: ["onnxruntime-web-use-extern-wasm"],
  nodePaths: [join(folder, "node_modules")],
  write: false,
});
const script = bundle.outputFiles[0]!.text;
const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const send = (type: string, body: string | Uint8Array) =>
    response
      .writeHead(200, {
        "Content-Type": type,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      })
      .end(body);
  if (path === "/")
    return send("text/html", '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>');
  if (path === "/page.js") return send("text/javascript", script);
  if (!path.startsWith("/onnxruntime-web/")) return response.writeHead(404).end();
  return send(
    path.endsWith("wasm") ? "application/wasm" : "text/javascript",
    await readFile(join(ORT, basename(path))),
  );
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await startChromium();

async function inPage(work: "jax" | 1 | 2): Promise<{ times: number[]; loss: number }> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(origin);
  await page.waitForFunction(() => "bench" in globalThis);
  const result =
    work === "jax"
      ? await page.evaluate((steps) => bench.jaxJs(steps), STEPS.jax)
      : await page.evaluate(([t, steps]) => bench.ours(t, steps), [work, STEPS.ours] as const);
  await page.close();
  return result;
}

const runs: Readonly<Record<string, () => Promise<{ times: number[]; loss: number }>>> = {
  "vera native, 1 thread": () => ourSteps(nodeEngine({ threads: 1 }), STEPS.ours),
  "vera wasm, 1 thread": () => inPage(1),
  "vera wasm, 2 threads": () => inPage(2),
  "jax-js wasm": () => inPage("jax"),
};
const all = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(runs)) {
    const { times, loss } = await run().catch((error: unknown) => {
      console.error(`${name}: ${error}`);
      return { times: [], loss: Number.NaN };
    });
    all.set(name, [...(all.get(name) ?? []), ...times.slice(3)]);
    if (round === 0) console.log(`${name}: loss after ${times.length} steps ${loss.toFixed(5)}`);
  }
}
await browser.close();
server.close();
console.log(`load ${loadavg()[0]!.toFixed(1)}; milliseconds of a step, least and median`);
for (const [name, times] of all) {
  const sorted = [...times].sort((a, b) => a - b);
  console.log(`${name.padEnd(24)}${sorted[0]?.toFixed(2)}  ${sorted[Math.floor(sorted.length / 2)]?.toFixed(2)}`);
}
