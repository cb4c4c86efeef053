/** The playground as a static host has it, built into a folder of its own and served from there. */
import { existsSync, mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const CONFIG = fileURLToPath(new URL("../../pages/vite.config.ts", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface Site {
  readonly folder: string;
  readonly origin: string;
  close(): Promise<void>;
}

/** Builds and serves. @param isolated whether pages may share memory between threads */
export async function startSite({ isolated = true } = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "vera-site-"));
  await build({ configFile: CONFIG, mode: "site", logLevel: "error", build: { outDir: folder } });
  const server = await serve(folder, isolated);
  return {
    folder,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function serve(folder: string, isolated: boolean): Promise<Server> {
  const headers = isolated
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    if (!existsSync(path)) return response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    return response.writeHead(200, { "Content-Type": type, ...headers }).end(await readFile(path));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}
