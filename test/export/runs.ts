/** Runs to export, and what the library itself says of inputs. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile, type ImagePreprocessing } from "../../src/data/index.js";
import * as g from "../../src/graph/index.js";
import { softmaxRows } from "../../src/metrics/index.js";
import type { Dict, Variables } from "../../src/nn/index.js";
import { algorithm, Evaluator, resolveConfig, type TrainedRun, train } from "../../src/runs/index.js";
import { compile, isArray, NdArray, Rng } from "../../src/runtime/index.js";
import { DENSITY_VERSION, keepCalibration } from "../../src/score/calibration.js";

const QUIET = { onProgress: () => {}, onMessage: () => {}, signal: new AbortController().signal };
const SMALL = { batchSize: 20, printEvery: 0, evalEvery: 0, ckptEvery: 0, plots: false, threads: 1 };

/** Trains for a few iterations. @returns the run's folder. */
export async function trainBriefly(saveDir: string, flags: Readonly<Record<string, unknown>>): Promise<string> {
  await train(resolveConfig({ flags: { ...SMALL, nIters: 20, saveDir, ...flags } }), QUIET);
  return saveDir;
}

/** An image run that was not trained: every variable is random, batch norm's statistics included. */
export async function untrainedImageRun(
  folder: string,
  flags: Readonly<Record<string, unknown>>,
  event: readonly [number, number, number],
): Promise<TrainedRun> {
  const config = resolveConfig({ flags: { jem: true, gFeats: 16, ...flags } });
  const { model, generator } = algorithm(config, { event, classes: 10 });
  const rng = new Rng(3);
  const preprocessing: ImagePreprocessing = { kind: "image", scaling: config.scaling, max: 255, source: event };
  const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  await mkdir(folder, { recursive: true });
  const data = { name: "random", fingerprint: "f00d", shape: event, classes, preprocessing };
  const checkpoint = join(folder, "none.safetensors");
  await writeFile(checkpoint, "");
  const run: TrainedRun = {
    folder,
    checkpoint,
    config,
    info: { vera: "0", data },
    model,
    variables: perturbed(model.init(rng), rng),
    generator: generator && { model: generator, variables: perturbed(generator.init(rng), rng) },
    training: {} as never,
    iteration: 0,
  };
  await keepCalibration(run, {
    densityVersion: DENSITY_VERSION,
    checkpoint: { file: "none.safetensors", iteration: 0, sha256: await hashFile(checkpoint, "sha256") },
    data: { name: "random", fingerprint: "f00d", validationExamples: 0 },
    temperature: 1.5,
    heldout: [],
    oodThresholds: [{ falseAlarmRate: 0.05, logDensity: 0.25 }],
  });
  return run;
}

/** Running statistics as after training, so that batch norm does something. */
function perturbed<V extends { readonly state: Dict<NdArray> }>(variables: V, rng: Rng): V {
  const state = g.mapTree<unknown, NdArray, NdArray>(variables.state, isArray, (x, path) =>
    path.endsWith("running_mean")
      ? rng.normal(x.shape, 0, 0.2)
      : path.endsWith("running_var")
        ? rng.uniform(x.shape, 0.5, 2)
        : x,
  );
  return { ...variables, state };
}

/** What the library says of inputs that it has prepared. */
export async function libraryOutputs(run: TrainedRun, x: NdArray, temperature: number) {
  const { logDensity, logits } = await new Evaluator(run.model).predict(run.variables, x);
  const K = run.model.classes;
  const score = compile(((variables: Variables<g.Tensor>, t: g.Tensor) =>
    g.grad((u: g.Tensor) => g.sum(run.model.evaluate(variables, u, { mode: "eval" }).logDensity))(
      t,
    )) as never) as unknown as (variables: Variables<NdArray>, x: NdArray) => Promise<NdArray>;
  const { data, shape } = await score(run.variables, x);
  const width = data.length / shape[0]!;
  const norm = (i: number) => Math.hypot(...data.subarray(i * width, (i + 1) * width));
  return {
    log_density: logDensity,
    gradient_norm: Array.from({ length: shape[0]! }, (_, i) => norm(i)),
    ...(logits !== null && {
      logits,
      probabilities: softmaxRows(
        logits.map((v) => v / temperature),
        K!,
      ),
    }),
  };
}

/** Rows `from` to `from + count` of an array. */
export function rows(x: NdArray, from: number, count: number): NdArray {
  const width = x.size / x.shape[0]!;
  return new NdArray(x.data.slice(from * width, (from + count) * width), [count, ...x.shape.slice(1)]);
}

/** The largest difference, in units of the largest value (of `all`) where that is above 1. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>, all = b): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values and ${b.length}`);
  const scale = Math.max(1, ...Array.from(all, Math.abs));
  return Math.max(0, ...Array.from(a, (v, i) => Math.abs(v - b[i]!))) / scale;
}
