/** Samples of a run as files: arrays, pictures, and what was done in `samples.json`. */
import { ResultFolder } from "../../files/index.js";
import { joinRows, sliceRows } from "../../metrics/moments.js";
import { Evaluator, type TrainedRun } from "../../runs/index.js";
import { integers, type NdArray, streams } from "../../runtime/index.js";
import { exactSamples } from "../likelihood/likelihood.js";
import { refuseCount, refuseSamples } from "../sizes.js";
import { type ConditionalOptions, conditionalSamples } from "./conditional.js";
import { NOISE_STEPS, Refiner } from "./refine.js";
import { drawAcceptance, drawAlong, drawClasses, drawInputs } from "./sample-figures.js";
import { Files } from "./sample-files.js";

export interface WriteSamplesOptions {
  /** Default 64. */
  readonly count?: number;
  /** Transitions of MALA; 0 for none. Default 100. */
  readonly steps?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Called as transitions are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Replace files of the folder that have the names of results. Default false. */
  readonly overwrite?: boolean;
}

/** What was written. */
export interface SamplesResult {
  readonly checkpoint: string;
  /** Where samples come from before refinement. */
  readonly source: "generator" | "exact" | "chains";
  readonly count: number;
  /** Mean f of samples, and after refinement. */
  readonly logDensity: number;
  readonly refined: {
    readonly space: "latent" | "input";
    readonly steps: number;
    readonly logDensity: number;
    /** Mean after adaptation. */
    readonly acceptance: number;
    readonly stepSize: number;
  } | null;
  /** Files, relative to the folder. */
  readonly files: readonly string[];
}

/** Steps shown in the picture of chains. */
const SHOWN = 10;
/** Images of a class in the grid by class. */
const COLUMNS = 10;

/** Draws samples, refines them, and writes both to a folder. @throws FileError where that holds files of the same names */
export async function writeSamples(
  run: TrainedRun,
  folder: string,
  { count = 64, steps = 100, seed = 0, onProgress, overwrite = false }: WriteSamplesOptions = {},
): Promise<SamplesResult> {
  refuseSamples("--count", count, run);
  refuseCount("--steps", steps, { numbers: 2 });
  const rng = streams(seed).for("samples that are written");
  const files = new Files(await ResultFolder.open(folder, overwrite), ["samples.json", "samples.npy", "refined.npy"]);
  const evaluator = new Evaluator(run.model);
  const f = async (x: NdArray) => mean((await evaluator.array(run.variables, x)).logDensity);
  const source = run.generator !== null ? "generator" : run.config.density === "network" ? "chains" : "exact";
  const watched = onProgress === undefined ? {} : { onProgress };
  const refiner = new Refiner(run);
  try {
    const start =
      source === "exact"
        ? await exactSamples(run, count, rng)
        : source === "generator"
          ? refiner.start(count, rng)
          : (await refiner.refine(refiner.start(count, rng), { steps: NOISE_STEPS, rng, ...watched })).positions;
    const x = await refiner.inputs(start);
    await files.array("samples", x);
    await files.picture("samples", (path) => drawInputs(path, x, run));
    await binned(run, evaluator, files, "samples-by-class", x);
    const result = { checkpoint: run.checkpoint, source, count, logDensity: await f(x) } as const;
    if (steps === 0) return files.report({ ...result, refined: null }, "samples.json");
    const refined = await refiner.refine(start, { steps, rng, shown: SHOWN, ...watched });
    await files.array("refined", refined.x);
    await files.picture("refined", (path) => drawInputs(path, refined.x, run));
    await binned(run, evaluator, files, "refined-by-class", refined.x);
    await files.picture("chains", (path) => drawAlong(path, refined.along, run));
    await files.picture("acceptance", async (path) => {
      await drawAcceptance(path, refined);
      return true;
    });
    return files.report(
      {
        ...result,
        refined: {
          space: refiner.space,
          steps,
          logDensity: await f(refined.x),
          acceptance: mean(refined.acceptance.subarray(refined.adaptation)),
          stepSize: refined.stepSize,
        },
      },
      "samples.json",
    );
  } finally {
    await refiner.release();
  }
}

export interface ClassesResult {
  readonly checkpoint: string;
  /** Least p(y|x) of what was kept. */
  readonly confidence: number;
  readonly steps: number;
  readonly classes: readonly {
    readonly label: number;
    readonly name: string;
    readonly kept: number;
    /** Of the refined samples. */
    readonly keptShare: number;
    /** Mean p(y|x) of starts and refined samples. */
    readonly before: number;
    readonly after: number;
    /** Mean after adaptation; null without transitions. */
    readonly acceptance: number | null;
    readonly stepSize: number;
  }[];
  readonly files: readonly string[];
}

/** Draws samples of classes and writes them to a folder: `classes.npy`, their labels, and a grid with a row for each class.
 * @throws FileError where the folder holds files of the same names
 */
export async function writeClassSamples(
  run: TrainedRun,
  folder: string,
  options: ConditionalOptions & Pick<WriteSamplesOptions, "overwrite"> = {},
): Promise<ClassesResult> {
  const { count = 10, confidence = 0.9, steps = 100, overwrite = false } = options;
  const files = new Files(await ResultFolder.open(folder, overwrite), ["classes.json", "classes.npy", "labels.npy"]);
  const classes = await conditionalSamples(run, options);
  const names = run.info.data.classes;
  await files.array("classes", joinRows(classes.map(({ x }) => x)));
  await files.array("labels", integers(classes.flatMap(({ x, label }) => Array<number>(x.shape[0]!).fill(label))));
  const drawn = classes.map(({ x }) => x);
  await files.picture("classes", (path) => drawClasses(path, drawn, count, run));
  const rows = classes.map(({ label, x, confidence: _, ...rest }) => ({
    label,
    name: names?.[label] ?? String(label),
    kept: x.shape[0]!,
    ...rest,
  }));
  return files.report({ checkpoint: run.checkpoint, confidence, steps, classes: rows }, "classes.json");
}

/** Samples by the class that the model gives them, a row for each class. */
async function binned(run: TrainedRun, evaluator: Evaluator, files: Files, name: string, x: NdArray): Promise<void> {
  const k = run.model.classes;
  if (k === null || k > 100) return;
  const { logits } = await evaluator.array(run.variables, x);
  const label = (i: number) => {
    const row = logits!.subarray(i * k, (i + 1) * k);
    return row.indexOf(Math.max(...row));
  };
  const rows = Array.from({ length: x.shape[0]! }, (_, i) => i);
  const classes = Array.from({ length: k }, (_, y) => {
    const own = rows.filter((i) => label(i) === y).slice(0, COLUMNS);
    return own.length === 0 ? sliceRows(x, 0, 0) : joinRows(own.map((i) => sliceRows(x, i, i + 1)));
  });
  await files.picture(name, (path) => drawClasses(path, classes, COLUMNS, run));
}

function mean(values: Float32Array | Float64Array): number {
  let total = 0;
  for (const v of values) total += v;
  return total / values.length;
}
