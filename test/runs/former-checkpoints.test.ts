/** Runs of the version before streams had names: what of them still works, and what is said where it does not. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leaves } from "../../src/graph/index.js";
import { CheckpointError, loadRun, readSavedConfig, resolveConfig, train } from "../../src/runs/index.js";
import { isArray, readSafetensors, writeSafetensors } from "../../src/runtime/index.js";
import { runData } from "../../src/score/inputs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-former-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const last = (run: string) => join(run, "checkpoints", "last.safetensors");

/** Trains for 4 iterations, and leaves a checkpoint as that version wrote it. */
async function formerRun(name: string, flags: Record<string, unknown>): Promise<string> {
  const saveDir = join(folder, name);
  const all = { batchSize: 10, noiseDim: 4, nIters: 4, evalEvery: 0, plots: false, threads: 1, ...flags, saveDir };
  await train(resolveConfig({ flags: all }));
  await rm(join(saveDir, "checkpoints", "best.safetensors"), { force: true });
  const { tensors, metadata } = readSafetensors(await readFile(last(saveDir)));
  const kept = [...tensors].filter(([tensor]) => !tensor.startsWith("train.statistics."));
  expect(kept.length < tensors.size).toBe("ema" in flags);
  await writeFile(last(saveDir), writeSafetensors(kept, { ...metadata, format: "vera-checkpoint-1" }));
  return saveDir;
}

const resume = async (run: string, more: Record<string, unknown> = { nIters: 6 }) =>
  train(resolveConfig({ flags: { resume: run, ...more }, saved: await readSavedConfig(run) }));

test("a run with averages is used with its last statistics, and continues", async () => {
  const run = await formerRun("averages", { dataset: "digits", jem: true, ema: 0.9 });
  const { variables } = (await loadRun(run)).generator!;
  const { tensors } = readSafetensors(await readFile(last(run)));
  for (const [name, x] of leaves(variables.state, isArray)) expect(x).toEqual(tensors.get(`generator.g.${name}`));
  expect(leaves(variables.state, isArray).length).toBeGreaterThan(0);
  expect(await resume(run)).toEqual({ iteration: 6, iterations: 6 });
  expect((await loadRun(run)).iteration).toBe(6);
});

test("a checkpoint of now that lacks averaged statistics is damaged", async () => {
  const run = join(folder, "lacking");
  await cp(await formerRun("whole", { dataset: "digits", jem: true, ema: 0.9 }), run, { recursive: true });
  const { tensors, metadata } = readSafetensors(await readFile(last(run)));
  await writeFile(last(run), writeSafetensors([...tensors], { ...metadata, format: "vera-checkpoint-2" }));
  await expect(loadRun(run)).rejects.toThrow(/has no "train\.statistics\./);
});

test("a run of 8×8 images keeps the networks that these had", async () => {
  const saveDir = join(folder, "networks");
  const flags = { dataset: "digits", batchSize: 10, noiseDim: 4, nIters: 2, plots: false, threads: 1, saveDir };
  await train({ ...resolveConfig({ flags }), architecture: "small-mlp" });
  const layers = async () => {
    const { config, generator } = await loadRun(saveDir);
    return [config.architecture, Object.keys(generator!.variables.params.g).length];
  };
  expect(await layers()).toEqual(["small-mlp", 7]); // three of a linear layer and batch norm, and the last
  expect(await resume(saveDir, { nIters: 3 })).toEqual({ iteration: 3, iterations: 3 });
  expect(await layers()).toEqual(["small-mlp", 7]);
  expect(resolveConfig({ flags }).architecture).toBe("image-mlp");
});

describe("a run from few labels", () => {
  test("is used, and not trained further with other labels", async () => {
    const run = await formerRun("few", { dataset: "digits", jem: true, labelsPerClass: 3 });
    expect((await loadRun(run)).iteration).toBe(4);
    await expect(resume(run)).rejects.toThrow(CheckpointError);
    await expect(resume(run)).rejects.toThrow(/rows that keep their label otherwise: .* start a new run/);
    expect(await resume(run, {})).toEqual({ iteration: 4, iterations: 4 }); // finished: there is nothing to train
  });
});

test("points in the plane were among those that train: to be trained anew", async () => {
  const run = await formerRun("plane", { dataset: "moons" });
  const config = JSON.parse(await readFile(join(run, "config.json"), "utf8"));
  config.run.data.fingerprint = "of another draw";
  await writeFile(join(run, "config.json"), JSON.stringify(config));
  await expect(runData(await loadRun(run))).rejects.toThrow(/fingerprint differs.*earlier versions drew it otherwise/);
});
