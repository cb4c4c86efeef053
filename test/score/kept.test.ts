/** Where results go: beside a run that cannot be written they are said all the same, and beside other files they are not in the way. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { FileError } from "../../src/files/index.js";
import { trainBriefly } from "../export/runs.js";

let folder: string;
let run: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-kept-"));
  run = await trainBriefly(join(folder, "run"), { dataset: "moons", ckptEvery: 10 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cli(...argv: string[]) {
  let [out, err] = ["", ""];
  const terminal = { out: { write: (t: string) => (out += t) }, err: { write: (t: string) => (err += t) } };
  const code = await vera(argv, terminal);
  return { code, out, err };
}

describe("a run that cannot be written to", () => {
  // As root nothing is read-only, but a file can still not take the place of a folder, nor a folder that of a file.
  beforeAll(async () => {
    await mkdir(join(run, "calibration.json"));
    await writeFile(join(run, "eval"), "");
    await writeFile(join(folder, "points.csv"), "0,1\n1,0\n");
  });
  afterAll(async () => {
    await rm(join(run, "calibration.json"), { recursive: true });
    await rm(join(run, "eval"));
  });

  test("is evaluated: the results are shown, and a note says that they were not kept", async () => {
    const { code, out, err } = await cli("eval", run, "--what", "ood", "--limit", "50");
    expect(code).toBe(0);
    expect(out).toContain("uniform");
    expect(out).not.toContain("Tables as JSON");
    expect(err).toMatch(/note: calibration not kept: cannot write .*calibration\.json/);
    expect(err).toMatch(/note: results not kept: cannot write .*eval.* --out/);
  });

  test("scores with a calibration that is not kept", async () => {
    const { code, out, err } = await cli("score", run, join(folder, "points.csv"));
    expect(code).toBe(0);
    expect(out).toMatch(/^line,log_density,surprise,ood,note\n/);
    expect(err).toMatch(/note: calibration not kept/);
  });

  test("is exported to elsewhere, calibrated", async () => {
    const { code, err } = await cli("export", run, "--format", "onnx", "--out", join(folder, "m.onnx"));
    expect(code).toBe(0);
    expect(err).toMatch(/calibration not kept/);
  });
});

describe("results in a folder that the user names", () => {
  test.each([
    ["eval", ["--what", "ood", "--limit", "50"], "ood.json"],
    ["sample", ["--count", "8", "--steps", "0"], "samples.npy"],
  ])("%s replaces files there only with --overwrite", async (command, options, name) => {
    const out = join(folder, command);
    await mkdir(out);
    await writeFile(join(out, name), "the user's");
    const argv = [command, run, ...options, "--out", out];
    const refused = await cli(...argv);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${join(out, name)} is there already: name another folder with --out`);
    expect(await readFile(join(out, name), "utf8")).toBe("the user's");
    expect(await cli(...argv, "--overwrite")).toMatchObject({ code: 0 });
    expect(await readFile(join(out, name), "latin1")).not.toBe("the user's");
  });

  test("the library asks as well", async () => {
    const { writeSamples } = await import("../../src/evaluate/samples/write-samples.js");
    const { loadRun } = await import("../../src/runs/index.js");
    const out = join(folder, "library");
    await mkdir(out);
    await writeFile(join(out, "samples.png"), "the user's");
    await expect(writeSamples(await loadRun(run), out, { count: 8, steps: 0 })).rejects.toThrow(FileError);
    expect(await readFile(join(out, "samples.png"), "utf8")).toBe("the user's");
  });
});
