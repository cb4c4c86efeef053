/** `vera export --format onnx`. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { readMetadata } from "../../src/export/index.js";
import { trainBriefly } from "./runs.js";

let folder: string;
let run: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-export-command-"));
  run = await trainBriefly(join(folder, "run"), { dataset: "digits", clfOnly: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cli(...argv: string[]) {
  let [out, err] = ["", ""];
  const terminal = { out: { write: (t: string) => (out += t) }, err: { write: (t: string) => (err += t) } };
  const code = await vera(argv, terminal);
  return { code, out, err };
}

test("writes the model and says what it wrote", async () => {
  const file = join(folder, "m.onnx");
  const { code, out, err } = await cli("export", run, "--format", "onnx", "--gradient-norm", "--out", file);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/m\.onnx: 0\.3 MB/);
  expect(readMetadata(await readFile(file))).toMatchObject({ part: "model", dataset: "digits" });
});

test("without a name the file is in the run's folder, named after part and format", async () => {
  for (const format of ["onnx", "safetensors", "pt"]) {
    const file = join(run, `model.${format}`);
    expect(await cli("export", run, "--format", format)).toMatchObject({ code: 0, out: expect.stringContaining(file) });
    expect((await readFile(file)).length).toBeGreaterThan(1000);
  }
});

test("what is in the run's folder under that name is replaced only where that is said", async () => {
  const file = join(run, "model.pt");
  await writeFile(file, "the user's");
  const refused = await cli("export", run, "--format", "pt");
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringContaining("model.pt is there already: replace it with --overwrite"),
  });
  expect(await readFile(file, "utf8")).toBe("the user's");
  expect(await cli("export", run, "--format", "pt", "--overwrite")).toMatchObject({ code: 0 });
  expect((await readFile(file)).length).toBeGreaterThan(1000);
});

test.each<readonly [readonly string[], number, string]>([
  [["--format", "onnx", "--part", "generator"], 1, "this run has no generator"],
  [["--format", "onnx", "--part", "half"], 2, "--part takes"],
  [["--format", "safetensors", "--gradient-norm"], 2, "--part and --gradient-norm are for --format onnx"],
])("%j is refused", async (argv, code, why) => {
  const result = await cli("export", run, ...argv, "--out", join(folder, "no.onnx"));
  expect(result.code).toBe(code);
  expect(result.err).toContain(why);
});
