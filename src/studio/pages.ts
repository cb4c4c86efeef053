/** The pages that the package has built (`npm run build`). */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import files from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** From dist/studio, or, as the program is developed, from src/studio. */
const PLACES = ["../pages", "../../dist/pages"];

/** Folder of the pages; null where they are not built. */
export const builtPages = (): string | null =>
  PLACES.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) =>
    existsSync(`${path}/studio/index.html`),
  ) ?? null;

export const NOT_BUILT = "the studio's pages are not built yet: run npm run build, then start vera studio again";

export async function servePages(app: FastifyInstance, folder: string | null): Promise<void> {
  app.get("/", (_, reply) => reply.redirect("/studio/"));
  if (folder === null)
    app.get("/studio/", (_, reply) => reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT));
  else {
    await app.register(files, { root: folder, dotfiles: "deny", cacheControl: false, redirect: true });
    // What the playground trains with is a package of its own.
    await app.register(files, { root: engine(), prefix: "/engine/", dotfiles: "deny", decorateReply: false });
  }
}

/** Folder of the engine for pages. */
const engine = (): string => dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
