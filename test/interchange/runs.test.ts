/** Runs out to PyTorch's form and back, imported runs in use, and the two commands. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { leaves, sameTree, type Tensor } from "../../src/graph/index.js";
import { exportForPyTorch, importCheckpoint, readArgs, readOriginal } from "../../src/interchange/index.js";
import type { Dict } from "../../src/nn/index.js";
import {
  algorithm,
  loadRun,
  RunFolder,
  resolveConfig,
  type Settings,
  saveCheckpoint,
  savedConfig,
  train,
} from "../../src/runs/index.js";
import { compile, full, isArray, type NdArray, Rng, readSafetensors } from "../../src/runtime/index.js";
import { HEALTHY } from "../../src/train/health.js";
import { initialState } from "../../src/train/trainer.js";

const golden = (name: string) => new URL(`golden/${name}`, import.meta.url).pathname;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-runs-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A run as training would leave it after 3 iterations, its values random; of the data only the shape is needed. */
async function makeRun(name: string, settings: Partial<Settings>): Promise<string> {
  const saveDir = join(folder, name);
  const config = resolveConfig({ flags: { ...settings, saveDir, dataRoot: join(folder, "none") } });
  const names = Array.from({ length: config.classes! }, (_, i) => `${i}`);
  const classes = config.labels === "none" ? null : names.length;
  const { step } = algorithm(config, { event: config.shape!, classes });
  const rng = new Rng(7);
  const train = sameTree(initialState(step, 0, rng).train, isArray, (x: NdArray, path: string) =>
    path.endsWith(".step")
      ? full([], 3)
      : x.dtype === "i32"
        ? x
        : /running_var|optimizer\.v/.test(path)
          ? rng.uniform(x.shape, 0.1, 1)
          : rng.normal(x.shape),
  );
  const run = await RunFolder.claim(saveDir);
  const image = { kind: "image", scaling: config.scaling, max: 255, source: null } as const;
  const facts = {
    name: config.dataName,
    fingerprint: "",
    shape: config.shape!,
    classes: classes === null ? null : names,
    split: { seed: 0, train: 0, validation: 0, test: 0 },
    preprocessing: config.dataKind === "image" ? image : ({ kind: "none" } as const),
  };
  const saved = savedConfig(config, facts);
  await run.begin(saved);
  const state = new Rng(0).state;
  const batches = { epoch: 0, position: 0, order: state, noise: state };
  const counters = { iteration: 3, rateFactor: 1, noise: state, batches, labeled: null };
  const arrays = { train, average: {}, statistics: {} };
  await saveCheckpoint(
    run.checkpoint("last"),
    { arrays, counters },
    { best: null, means: {}, data: "", health: HEALTHY },
    saved,
  );
  await run.release();
  return saveDir;
}

const tensors = async (run: string) =>
  readSafetensors(await readFile(join(run, "checkpoints/last.safetensors"))).tensors;

const bytes = ({ data }: NdArray) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe("out and back", () => {
  test.each<[string, Partial<Settings>, string[]]>([
    ["toy", { dataset: "rings", hDim: 8, noiseDim: 3 }, ["dataset"]],
    ["toy-hmc", { dataset: "rings", hDim: 8, generatorType: "verahmc", beta1: 0.5 }, ["dataset"]],
    ["mog", { dataset: "moons", mogComps: 4, maximumLikelihood: true }, ["dataset", "maximumLikelihood"]],
    ["mlp", { dataset: "mnist", jem: true, noiseDim: 16 }, []],
    ["classifier", { dataset: "mnist", jem: true, clfOnly: true }, ["clfOnly"]],
    ["dcgan", { dataset: "cifar10", noiseDim: 100 }, ["dataset"]],
    ["dcgan-bn", { dataset: "svhn", jem: true, norm: "batch" }, ["dataset"]],
    ["resnet", { dataset: "cifar100", jem: true, resnet: true }, []],
    [
      "wide-resnet",
      { dataset: "cifar10", jem: true, wideResnet: true, norm: "group", gFeats: 32 },
      ["dataset", "norm"],
    ],
  ])("%s: every array that the original would save", async (name, settings, said) => {
    const run = await makeRun(name, settings);
    const file = join(folder, `${name}.pt`);
    await writeFile(file, (await exportForPyTorch(await loadRun(run), "pt")).bytes);
    const flags = Object.fromEntries(said.map((key) => [key, settings[key as keyof Settings]]));
    const out = join(folder, `${name}-back`);
    const { config, iteration } = await importCheckpoint({ file, out, flags: { ...flags, dataRoot: folder } });
    expect(iteration).toBe(3);
    const before = (await loadRun(run)).config;
    for (const key of ["mode", "architecture", "density", "labels", "generatorType", "beta1", "lr", "classes"] as const)
      expect(config[key], key).toEqual(before[key]);
    const [theirs, ours] = await Promise.all([tensors(run), tensors(out)]);
    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    for (const [key, value] of theirs) {
      if (key.includes("posterior.optimizer")) continue; // that one is not saved
      expect(ours.get(key)!.shape, key).toEqual(value.shape);
      expect(Buffer.compare(bytes(ours.get(key)!), bytes(value)), key).toBe(0);
    }
    const loaded = await loadRun(out);
    expect(loaded.generator === null).toBe(name === "mog" || name === "classifier");
  });

  test("tables: the original's networks for any CSV, and the smaller ones that tables of one's own have here", async () => {
    const csv = join(folder, "table.csv");
    const names = Array.from({ length: 15 }, (_, j) => `v${j}`);
    const row = (i: number) => `${names.map((_, j) => Math.sin(7 * i + 3 * j)).join()},${"ab"[i % 2]}`;
    await writeFile(csv, `${names.join()},class\n${Array.from({ length: 60 }, (_, i) => row(i)).join("\n")}\n`);
    const own = join(folder, "own-table");
    const quick = { nIters: 2, batchSize: 10, printEvery: 0, evalEvery: 0, plots: false, threads: 1 };
    const silent = {
      onProgress: () => {},
      onMessage: () => {},
      signal: new AbortController().signal,
    };
    const trained = (saveDir: string, more: object) =>
      train(resolveConfig({ flags: { ...quick, csv, label: "class", jem: true, saveDir, ...more } }), silent);
    await trained(own, { vera: true, base: "none" });
    for (const [name, more] of Object.entries({ "base measure": { vera: true }, classifier: {} })) {
      await trained(join(folder, `table-${name}`), more);
      const refused = exportForPyTorch(await loadRun(join(folder, `table-${name}`)), "pt");
      await expect(refused).rejects.toThrow(`the ${name} of a table has no counterpart in the original`);
    }
    for (const [run, architecture] of [
      [await makeRun("hepmass", { dataset: "hepmass", jem: true }), "mlp"],
      [own, (await loadRun(own)).config.architecture],
    ] as const) {
      const file = `${run}.pt`;
      await writeFile(file, (await exportForPyTorch(await loadRun(run), "pt")).bytes);
      const out = `${run}-back`;
      const { config } = await importCheckpoint({ file, out, flags: { csv, label: "class", batchSize: 10 } });
      expect(config).toMatchObject({ architecture, minSigma: 0.01, entWeight: 1, ema: 0 }); // no preset's
      expect((await loadRun(out)).info.data.shape).toEqual([15]);
    }
  });

  test("a run of an earlier version keeps its generator's last function, and the original is said to have another", async () => {
    const run = await makeRun("earlier", { dataset: "mnist", logit: true, noiseDim: 4 });
    const greatest = async () => {
      const { generator } = await loadRun(run);
      const { params, state } = generator!.variables;
      const mean = compile(
        (p: Dict<Tensor>, s: Dict<Tensor>, z: Tensor) =>
          generator!.model.mean({ params: p, state: s }, z, { mode: "eval" }).mean,
      );
      return Math.max(...(await mean(params.g, state, new Rng(1).normal([3, 4]))).data.map(Math.abs));
    };
    expect(await greatest()).toBeLessThanOrEqual(1);
    expect((await exportForPyTorch(await loadRun(run), "pt")).notes.join()).not.toMatch(/last function/);
    const file = join(run, "config.json");
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace('"outputActivation": "tanh"', '"outputActivation": "none"'),
    );
    expect(await greatest()).toBeGreaterThan(1);
    expect((await exportForPyTorch(await loadRun(run), "pt")).notes.join()).toMatch(
      /was trained with no last function; the original will give it tanh/,
    );
  });

  test("safetensors have the original's names", async () => {
    const run = await makeRun("named", { dataset: "rings", hDim: 8 });
    const names = [
      ...readSafetensors((await exportForPyTorch(await loadRun(run), "safetensors")).bytes).tensors.keys(),
    ];
    const { energy, generator } = await readOriginal(await readFile(golden("toy.pt")), "toy.pt");
    const expected = [...[...energy.keys()].map((n) => `logp_net.${n}`), ...[...generator.keys()].map((n) => `g.${n}`)];
    expect(names.sort()).toEqual(expected.sort());
  });
});

describe("an imported run", () => {
  test("trains on, from the iteration where PyTorch stopped", async () => {
    const out = join(folder, "resumed");
    const flags = { dataset: "circles", batchSize: 16, nIters: 8 };
    const { notes } = await importCheckpoint({ file: golden("toy.pt"), out, flags });
    expect(notes.join("\n")).toMatch(/random states, the optimiser of the posterior's scales η/);
    const saved = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
    const { run: _, ...config } = saved;
    const messages: string[] = [];
    const hooks = {
      onProgress: () => {},
      onMessage: (m: string) => messages.push(m),
      signal: new AbortController().signal,
    };
    const result = await train(resolveConfig({ saved: config, flags: { resume: out, plots: false } }), hooks);
    expect(result).toEqual({ iteration: 8, iterations: 8 });
    expect(messages[0]).toMatch(/resumed at iteration 5 of 8/);
    const moments = leaves((await tensorsBelow(out, "train.train.energy.optimizer.step")) as never, isArray);
    expect(moments[0]![1].item()).toBe(8);
  });

  test("keeps averages where they are asked for, starting from the parameters", async () => {
    const out = join(folder, "averaged");
    await importCheckpoint({ file: golden("toy-stream.pt"), out, flags: { dataset: "circles", ema: 0.9 } });
    const all = await tensors(out);
    expect(all.get("train.average.energy.0.weight")).toEqual(all.get("logp_net.0.weight"));
  });
});

async function tensorsBelow(run: string, prefix: string): Promise<Record<string, NdArray>> {
  return Object.fromEntries([...(await tensors(run))].filter(([name]) => name.startsWith(prefix)));
}

async function cli(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await vera(argv, {
    out: { write: (s: string) => (out += s) },
    err: { write: (s: string) => (err += s) },
  });
  return { code, out, err };
}

describe("the commands", () => {
  test("import, then export", async () => {
    const run = join(folder, "by-command");
    const imported = await cli(
      "import",
      golden("toy.pt"),
      "--out",
      run,
      "--dataset",
      "8gaussians",
      "--ent_weight",
      "0.5",
    );
    expect(imported).toMatchObject({ code: 0, out: `${run}: vera, toy, 8gaussians, iteration 5\n` });
    expect(imported.err).toMatch(/read from the checkpoint: hDim 8.*iteration 5/);
    expect((await loadRun(run)).config.entWeight).toBe(0.5);
    const file = join(folder, "by-command.pt");
    expect(await cli("export", run, "--format", "pt", "--out", file)).toMatchObject({ code: 0 });
    const [first, second] = await Promise.all(
      [golden("toy.pt"), file].map(async (path) => readOriginal(await readFile(path), path)),
    );
    expect({ ...second, adam: null, energy: second!.energy }).toEqual({ ...first, adam: null });
    expect(second!.adam.energy!.v).toEqual(first!.adam.energy!.v);
    expect(second!.adam.generator!.options).toEqual(first!.adam.generator!.options);
  });

  test("the original's args.txt says the rest", async () => {
    const args = join(folder, "args.txt");
    const content = {
      dataset: "rings",
      h_dim: 8,
      noise_dim: 2,
      ent_weight: 0.25,
      pg_control: 0.1,
      batch_size: 50,
      clf: true,
    };
    await writeFile(
      args,
      JSON.stringify({ ...content, save_dir: "/there", data_size: [2], mog_comps: null, ssl: false }),
    );
    const { batchSize, ...flags } = await readArgs(args);
    expect({ batchSize, ...flags }).toEqual({
      dataset: "rings",
      hDim: 8,
      noiseDim: 2,
      entWeight: 0.25,
      pgControl: 0.1,
      batchSize: 50,
    });
    const run = join(folder, "with-args");
    expect(await cli("import", golden("toy.pt"), "--out", run, "--args", args)).toMatchObject({ code: 0 });
    expect((await loadRun(run)).config).toMatchObject({ dataset: "rings", entWeight: 0.25, batchSize: 50 });
  });

  test.each<[string[], number, RegExp]>([
    [["import", golden("toy.pt")], 2, /needs a checkpoint and a folder/],
    [["import", golden("toy.pt"), "--out", "x"], 2, /does not say which data it learned: give --dataset moons/],
    [["import", "nothing.pt", "--out", "x"], 1, /nothing\.pt: no such file/],
    [["import", golden("values.pt"), "--out", "x"], 1, /no checkpoint of the original implementation/],
    [
      ["import", golden("toy.pt"), "--out", "x", "--dataset", "moons", "--h-dim", "9"],
      1,
      /"0\.weight" of model\.logp_net is f32\[8,2\]/,
    ],
    [["export", "x"], 2, /needs a run and a format, one of onnx, safetensors, pt/],
    [["export", "x", "--format", "doc", "--out", "y"], 2, /--format takes .*safetensors.*not "doc"/],
    [["export", "nothing", "--format", "pt", "--out", "y"], 1, /there is no run or checkpoint at nothing/],
  ])("vera %j", async (argv, code, message) => {
    const result = await cli(...argv);
    expect(result.err).toMatch(message);
    expect(result.code).toBe(code);
  });

  test("an import does not replace a run unasked", async () => {
    const run = join(folder, "kept");
    const argv = ["import", golden("toy.pt"), "--out", run, "--dataset", "moons"];
    expect(await cli(...argv)).toMatchObject({ code: 0 });
    expect(await cli(...argv)).toMatchObject({ code: 2 });
    expect(await cli(...argv, "--overwrite")).toMatchObject({ code: 0 });
  });
});
