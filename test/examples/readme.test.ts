/** README.md's program is one of web pages, too: nothing that it imports under the condition `browser` needs Node. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/** The program, with fewer iterations than it takes to learn something. */
async function program(): Promise<string> {
  const found = /```ts\n(import [\s\S]*? from "vera-ebm";\n[\s\S]*?)```/.exec(
    await readFile(path("README.md"), "utf8"),
  );
  const code = found![1]!;
  expect(code).toContain("trainer.advance(1500)");
  return code.replace("trainer.advance(1500)", "trainer.advance(20)");
}

test("README.md's program trains with the entry of web pages", async () => {
  // In the checkout, where onnxruntime-web is found. Its own build for Node stands in for that of pages: both are WebAssembly.
  const folder = await mkdtemp(path("node_modules/.readme-"));
  try {
    const outfile = join(folder, "ring.mjs");
    const { metafile } = await build({
      stdin: { contents: await program(), loader: "ts", resolveDir: path("") },
      alias: { "vera-ebm": path("src/web.ts") },
      external: ["onnxruntime-web/*"],
      ignoreAnnotations: true, // `sideEffects` of package.json names files of the build
      bundle: true,
      format: "esm",
      platform: "browser", // a module of Node's would be an error
      conditions: ["browser"],
      metafile: true,
      outfile,
    });
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map((each) => each.path));
    expect(new Set(outside)).toEqual(new Set(["onnxruntime-web/wasm", "onnxruntime-web/webgpu"]));
    const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
    const f = [...stdout.matchAll(/-?\d+\.\d+/g)].map(([number]) => Number(number));
    expect(f).toHaveLength(2);
    expect(f.every(Number.isFinite)).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
