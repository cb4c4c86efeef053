/** Builds both pages into `dist/pages`: the studio, which `vera studio` serves, and the playground, for any static host. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  build: {
    outDir: here("../dist/pages"),
    emptyOutDir: true,
    target: "es2023",
    rolldownOptions: { input: { studio: here("studio/index.html"), playground: here("playground/index.html") } },
  },
  worker: { format: "es" },
});
