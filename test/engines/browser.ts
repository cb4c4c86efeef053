/** A headless Chromium with a page that can train: bundled with esbuild, served from memory on this machine. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const ORT_FOLDER = fileURLToPath(new URL("../../node_modules/onnxruntime-web/dist/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  mjs: "text/javascript",
  js: "text/javascript",
  wasm: "application/wasm",
};
const QUIET = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Has pages use SwiftShader, a graphics card in software that Chromium brings. */
export const SOFTWARE_CARD = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
] as const;

/** Has a process find the same as a Vulkan driver: these variables count when it starts. */
export const softwareDriver = (): NodeJS.ProcessEnv => {
  const folder = process.env.CHROMIUM_FOLDER ?? "/usr/lib/chromium";
  return { ...process.env, LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json") };
};

/** With these two headers a page may share memory between threads. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Starts Chromium. @throws Error where there is none: these tests never pass without one. */
export function startChromium(flags: readonly string[] = ["--disable-gpu"]): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`no browser at ${EXECUTABLE}: install Debian's chromium or set CHROMIUM_PATH`);
  }
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args: [...QUIET, ...flags] });
}

/** The same as a process of its own, whose id is known: for measurements. */
export async function openBrowser(
  flags: readonly string[] = ["--disable-gpu"],
): Promise<{ browser: Browser; pid: number }> {
  const server = await chromium.launchServer({
    executablePath: EXECUTABLE,
    headless: true,
    args: [...QUIET, ...flags],
  });
  return { browser: await chromium.connect(server.wsEndpoint()), pid: server.process().pid! };
}

/** Serves the test page: at `/isolated` with the headers for threads, at `/plain` without. */
export async function serveTestPage(): Promise<{ server: Server; origin: string }> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    // Its loader then comes as a file of its own, which threads can start from.
    conditions: ["onnxruntime-web-use-extern-wasm"],
    write: false,
  });
  const script = bundle.outputFiles[0]!.text;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const send = (status: number, type: string, body: string | Uint8Array) =>
      response.writeHead(status, { "Content-Type": type, ...(path === "/plain" ? {} : ISOLATION) }).end(body);
    if (path === "/isolated" || path === "/plain") {
      return send(200, "text/html", '<!doctype html><title>vera</title><script type="module" src="/page.js"></script>');
    }
    if (path === "/page.js") return send(200, "text/javascript", script);
    const file = join(ORT_FOLDER, basename(path));
    if (!path.startsWith("/onnxruntime-web/") || !existsSync(file)) return send(404, "text/plain", "no such file");
    return send(200, TYPES[path.split(".").at(-1)!] ?? "application/octet-stream", await readFile(file));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Opens a page and waits until its script has run. What goes wrong in it is printed. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(url);
  await page.waitForFunction(() => "tests" in globalThis);
  return page;
}
