/** A checkpoint is enough, wherever it lies and whoever wrote it; what stands beside it stays. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { isTorch, openModel, readOriginal } from "../../src/interchange/index.js";
import { loadRun } from "../../src/runs/index.js";
import { readSafetensors, writeSafetensors } from "../../src/runtime/index.js";
import { trainBriefly } from "../export/runs.js";

const golden = (name: string) => new URL(`golden/${name}`, import.meta.url).pathname;

let root: string;
let run: string;
let kept: string;
let unchosen: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-open-"));
  run = await trainBriefly(join(root, "run"), { dataset: "digits", jem: true, noiseDim: 4 });
  kept = join(root, "kept.pt");
  await trainBriefly(join(root, "plane"), { dataset: "moons", ckptPath: kept });
  unchosen = join(root, "unchosen.pt");
  await trainBriefly(join(root, "unlabelled"), { dataset: "digits", noiseDim: 4, ckptPath: unchosen });
});
beforeEach(async () => {
  folder = join(root, String(count++));
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function cli(...argv: string[]) {
  let [out, err] = ["", ""];
  const terminal = { out: { write: (t: string) => (out += t) }, err: { write: (t: string) => (err += t) } };
  const code = await vera(argv, terminal);
  return { code, out, err };
}

/** A file in a folder of its own. */
async function alone(file: string, name: string): Promise<string> {
  const path = join(folder, name);
  await copyFile(file, path);
  return path;
}

const last = () => join(run, "checkpoints", "last.safetensors");

describe("a checkpoint of vera's, by itself", () => {
  test("is the model that it is in its run, and is asked by every command", async () => {
    const model = await alone(last(), "model.safetensors");
    const [own, moved] = [await loadRun(last()), await loadRun(model)];
    expect(own.folder).toBe(run);
    expect(moved).toMatchObject({ folder: null, iteration: own.iteration, info: own.info });
    expect(moved.variables).toEqual(own.variables);
    expect(await cli("eval", model, "--what", "classification", "--limit", "50")).toMatchObject({ code: 0 });
    expect(await cli("sample", model, "--count", "4", "--steps", "0")).toMatchObject({ code: 0 });
    for (const format of ["onnx", "pt", "safetensors"])
      expect(await cli("export", model, "--format", format), format).toMatchObject({ code: 0 });
    expect((await readdir(folder)).sort()).toEqual([
      "model.safetensors",
      "model.safetensors.calibration.json",
      "model.safetensors.eval",
      "model.safetensors.model.onnx",
      "model.safetensors.model.pt",
      "model.safetensors.model.safetensors",
      "model.safetensors.samples",
    ]);
    expect(await cli("eval", model, "--what", "classification", "--limit", "50")).toMatchObject({
      code: 1,
      err: expect.stringContaining("is there already: name another folder with --out, or replace it with --overwrite"),
    });
  });

  test("scores a table", async () => {
    const model = await alone(kept, "model.pt");
    const points = join(folder, "points.csv");
    await writeFile(points, "0,1\n1,0\n");
    const scored = await cli("score", "--ckpt_path", model, points);
    expect(scored).toMatchObject({ code: 0, out: expect.stringMatching(/^line,log_density,surprise,ood,note\n/) });
    expect((await cli("score", model, points)).out).toBe(scored.out);
  });

  test("leaves files that are not vera's, and says so", async () => {
    const model = await alone(kept, "model.pt");
    await writeFile(`${model}.calibration.json`, '{"of": "mine"}');
    const { code, err } = await cli("eval", model, "--what", "ood", "--limit", "20", "--out", join(folder, "out"));
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/calibration not kept: .*not vera's/) });
    expect(await readFile(`${model}.calibration.json`, "utf8")).toBe('{"of": "mine"}');
  });

  test("of an earlier version needs its run", async () => {
    const { tensors, metadata } = readSafetensors(await readFile(last()));
    const { config: _, ...earlier } = metadata;
    const bytes = writeSafetensors([...tensors], earlier);
    const model = join(folder, "model.safetensors");
    await writeFile(model, bytes);
    await expect(loadRun(model)).rejects.toThrow(/is of an earlier version, .* put it back into the folder of its run/);
    await copyFile(join(run, "config.json"), join(folder, "config.json"));
    expect((await loadRun(model)).folder).toBe(folder);
  });

  test.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /config in its metadata: no JSON/],
    ["no run", "{}", /config in its metadata is not what training leaves/],
    ["another architecture", { architecture: "mlp" }, /f32\[256\], the model has f32\[1000\]/],
    ["a value that cannot be", { noiseDim: -1 }, /config in its metadata: noiseDim takes a whole number/],
  ])("that says %s is refused", async (_, change, message) => {
    const { tensors, metadata } = readSafetensors(await readFile(last()));
    const config =
      typeof change === "string" ? change : JSON.stringify({ ...JSON.parse(metadata.config!), ...(change as object) });
    const model = join(folder, "model.safetensors");
    await writeFile(model, writeSafetensors([...tensors], { ...metadata, config }));
    await expect(loadRun(model)).rejects.toThrow(message);
  });
});

describe("a run whose latest checkpoint is kept elsewhere", () => {
  test("is evaluated by its folder", async () => {
    // Without labels there is nothing that validation could choose by.
    expect((await loadRun(join(root, "unlabelled"))).checkpoint).toBe(unchosen);
    const { code } = await cli("eval", join(root, "unlabelled"), "--limit", "20", "--out", join(folder, "out"));
    expect(code).toBe(0);
  });

  const command = (...more: string[]) => [
    ...["train", "--dataset", "moons", "--ckpt_path", join(folder, "m.pt"), "--save_dir", join(folder, "r")],
    ...["--batch_size", "20", "--no-plots", "--threads", "1", "--n_iters", "10", ...more],
  ];

  test("goes on when its command is given again", async () => {
    expect(await cli(...command())).toMatchObject({ code: 0 });
    const again = await cli(...command("--n_iters", "20"));
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining("resumed at iteration 10 of 20") });
    expect((await loadRun(join(folder, "m.pt"))).iteration).toBe(20);
    const changed = await cli(...command("--h_dim", "50"));
    expect(changed).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--h-dim cannot change when a run is continued: in .* it was 100/),
    });
    expect(await cli(...command("--h_dim", "50", "--overwrite", "--ckpt_path", join(folder, "n.pt")))).toMatchObject({
      code: 0,
    });
  });

  test("keeps some on the way", async () => {
    expect(await cli(...command("--save_every", "4"))).toMatchObject({ code: 0 });
    const names = (await readdir(join(folder, "r", "checkpoints"))).filter((name) => name.startsWith("iteration"));
    expect(names.sort()).toEqual(["iteration-0000004.safetensors", "iteration-0000008.safetensors"]);
    expect((await loadRun(join(folder, "r", "checkpoints", names[0]!))).iteration).toBe(4);
  });

  test("does not write over one of the original's", async () => {
    const path = await alone(golden("toy.pt"), "m.pt");
    const { code, err } = await cli(...command());
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(`vera import ${path} --out`) });
    expect((await readFile(path)).equals(await readFile(golden("toy.pt")))).toBe(true);
  });
});

describe("a checkpoint of the original", () => {
  test("is opened in memory, where a flag says what its shapes do not", async () => {
    const path = await alone(golden("toy.pt"), "toy.pt");
    expect(await cli("sample", path)).toMatchObject({ code: 2, err: expect.stringContaining("give --dataset moons") });
    const drawn = await cli("sample", path, "--dataset", "rings", "--count", "4", "--steps", "2");
    expect(drawn).toMatchObject({ code: 0, err: expect.stringContaining("vera, toy, rings, iteration 5") });
    expect((await readdir(folder)).sort()).toEqual(["toy.pt", "toy.pt.samples"]);
    const evaluated = await cli("eval", path, "--dataset", "rings", "--limit", "20", "--out", join(folder, "out"));
    expect(evaluated).toMatchObject({ code: 0, out: expect.stringContaining("rings (test split)") });
    expect((await readdir(folder)).sort()).toEqual(["out", "toy.pt", "toy.pt.samples"]);
  });

  test.each([
    ["beside it", "."],
    ["above the folder of checkpoints", "save_model"],
  ])("is explained by the args.txt %s", async (_, below) => {
    await mkdir(join(folder, below), { recursive: true });
    const path = await alone(golden("toy.pt"), join(below, "toy.pt"));
    await writeFile(join(folder, "args.txt"), JSON.stringify({ dataset: "rings", ent_weight: 0.5, clf: false }));
    const { run: model, notes } = await openModel(path);
    expect(model.config).toMatchObject({ dataset: "rings", entWeight: 0.5 });
    expect(notes.join("\n")).toContain(join(folder, "args.txt"));
    expect((await openModel(path, { dataset: "moons" })).run.config.dataset).toBe("moons");
  });

  test("is exported again as it was, Adam's moments included", async () => {
    const out = join(folder, "again.pt");
    const exported = await cli("export", golden("toy.pt"), "--dataset", "moons", "--format", "pt", "--out", out);
    expect(exported).toMatchObject({ code: 0 });
    const [first, second] = await Promise.all(
      [golden("toy.pt"), out].map(async (p) => readOriginal(await readFile(p), p)),
    );
    expect(second!.energy).toEqual(first!.energy);
    expect(second!.adam.energy!.v).toEqual(first!.adam.energy!.v);
  });

  test("is known by its content", async () => {
    expect(await isTorch(golden("toy.pt"))).toBe(true);
    expect(await isTorch(golden("toy-stream.pt"))).toBe(true);
    expect(await isTorch(kept)).toBe(false); // vera's, though it is called .pt
    expect(await isTorch(root)).toBe(false);
    const empty = join(folder, "empty.pt");
    await writeFile(empty, "");
    await expect(openModel(empty)).rejects.toThrow("no checkpoint of PyTorch");
  });
});
