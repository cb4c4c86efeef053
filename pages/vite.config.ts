/**
 * Builds both pages into `dist/pages`: the studio, which `vera studio` serves, and the playground. With `--mode site` the playground alone
 * with its engine, into `site`, for any static host.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Of the processor and of WebGPU; a page fetches what it uses. */
const ENGINE = ["", ".asyncify"].flatMap((build) =>
  ["wasm", "mjs"].map((ending) => `ort-wasm-simd-threaded${build}.${ending}`),
);

/**
 * The engine's WebAssembly is 14 to 27 MB, and is in the package already, as a dependency: pages fetch it from `engine/` beside them, which
 * `vera studio` serves from there, and a site has.
 */
const engineApart = (): Plugin => ({
  name: "engine-apart",
  generateBundle(_, bundle) {
    for (const name of Object.keys(bundle)) if (name.endsWith(".wasm")) delete bundle[name];
  },
});

/** The engine's files, and a first page that leads to the playground. */
const completeSite = (): Plugin => ({
  name: "complete-site",
  writeBundle({ dir = "" }) {
    const from = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
    mkdirSync(join(dir, "engine"), { recursive: true });
    for (const name of ENGINE) copyFileSync(join(from, name), join(dir, "engine", name));
    const leads = '<meta http-equiv="refresh" content="0; url=playground/"><a href="playground/">The playground</a>';
    writeFileSync(
      join(dir, "index.html"),
      `<!doctype html><html lang="en"><title>vera playground</title>${leads}</html>\n`,
    );
  },
});

export default defineConfig(({ mode }) => {
  const site = mode === "site";
  const playground = { playground: here("playground/index.html") };
  return {
    root: here("."),
    base: "./",
    build: {
      outDir: here(site ? "../site" : "../dist/pages"),
      emptyOutDir: true,
      target: "es2023",
      // Vega, which is loaded when the first figure is shown.
      chunkSizeWarningLimit: 1200,
      rolldownOptions: { input: site ? playground : { studio: here("studio/index.html"), ...playground } },
    },
    // The engine's loader then comes as a file of its own, which threads can start from.
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
    plugins: [engineApart(), ...(site ? [completeSite()] : [])],
    worker: { format: "es", plugins: () => [engineApart()] },
  };
});
