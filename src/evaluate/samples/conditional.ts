/**
 * Samples of a class: starts that the model puts into the class, refined on f(x)[y] = log p(x, y), kept where the model is
 * confident of it afterwards.
 */
import { softmaxRows } from "../../metrics/index.js";
import { joinRows, sliceRows } from "../../metrics/moments.js";
import { Evaluator, type TrainedRun } from "../../runs/index.js";
import { NdArray, streams } from "../../runtime/index.js";
import { refuseCount, refuseSamples } from "../sizes.js";
import { Refiner } from "./refine.js";

export interface ConditionalOptions {
  /** Samples of each class. Default 10. */
  readonly count?: number;
  /** Default: all. */
  readonly classes?: readonly number[];
  /** Least p(y|x) of what is kept. Default 0.9. */
  readonly confidence?: number;
  /** Transitions of MALA. Default 100. */
  readonly steps?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Called as transitions of all classes are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ClassSamples {
  readonly label: number;
  /** `[kept, …event]`: `count` at most. */
  readonly x: NdArray;
  /** p(y|x) of those. */
  readonly confidence: Float64Array;
  /** Share of refined samples that the model was confident of. */
  readonly keptShare: number;
  /** p(y|x) of the starts and of their refinements, on average. */
  readonly before: number;
  readonly after: number;
  /** Mean acceptance after adaptation; null without transitions. */
  readonly acceptance: number | null;
  readonly stepSize: number;
}

/** Starts per class and kept sample, before and after choosing those that the model puts into the class. */
const [POOL, REFINED] = [20, 2];

/** @throws TypeError for a model without classes, RangeError for a class that it has not. */
export async function conditionalSamples(run: TrainedRun, options: ConditionalOptions = {}): Promise<ClassSamples[]> {
  const { count = 10, confidence = 0.9, steps = 100, seed = 0, onProgress = () => {} } = options;
  const k = run.model.classes;
  if (k === null) throw new TypeError("the model was trained without classes: it has none to sample");
  const labels = options.classes ?? Array.from({ length: k }, (_, y) => y);
  for (const y of labels) if (!(y >= 0 && y < k)) throw new RangeError(`class ${y} of a model with ${k}`);
  const drawn = POOL * Math.min(k, 50);
  refuseSamples("--count", count, run, drawn);
  refuseCount("--steps", steps, { numbers: 2 });
  const rng = streams(seed).for("samples of classes");
  const refiner = new Refiner(run);
  const evaluator = new Evaluator(run.model);
  /** p(y|x) of each input, `N × K`. */
  const probabilities = async (x: NdArray) => {
    const { logits } = await evaluator.array(run.variables, x);
    return softmaxRows(logits!, k);
  };
  try {
    const pool = refiner.start(drawn * count, rng);
    const p = await probabilities(await refiner.inputs(pool));
    const out: ClassSamples[] = [];
    for (const label of labels) {
      const most = byProbability(p, k, label).slice(0, REFINED * count);
      const start = joinRows(most.map((i) => sliceRows(pool, i, i + 1)));
      const classes = new Int32Array(most.length).fill(label);
      const before = out.length;
      const refined = await refiner.refine(start, {
        steps,
        rng,
        classes,
        onProgress: (done, total) => onProgress(before * total + done, labels.length * total),
      });
      const after = await probabilities(refined.x);
      const of = (i: number) => after[i * k + label]!;
      const confident = most.map((_, i) => i).filter((i) => of(i) >= confidence);
      const kept = confident.slice(0, count);
      const event = refined.x.shape.slice(1);
      out.push({
        label,
        x:
          kept.length === 0
            ? new NdArray(new Float32Array(0), [0, ...event])
            : joinRows(kept.map((i) => sliceRows(refined.x, i, i + 1))),
        confidence: Float64Array.from(kept, of),
        keptShare: confident.length / most.length,
        before: mean(most.map((i) => p[i * k + label]!)),
        after: mean(most.map((_, i) => of(i))),
        acceptance: steps === 0 ? null : mean(Array.from(refined.acceptance.subarray(refined.adaptation))),
        stepSize: refined.stepSize,
      });
    }
    return out;
  } finally {
    await refiner.release();
  }
}

/** Rows that the model puts into the class, in the order drawn; then the others, the likeliest first. */
function byProbability(p: ArrayLike<number>, k: number, label: number): number[] {
  const n = p.length / k;
  const named = (i: number) => {
    for (let y = 0; y < k; y++) if (p[i * k + y]! > p[i * k + label]!) return false;
    return true;
  };
  const rows = Array.from({ length: n }, (_, i) => i);
  const rest = rows.filter((i) => !named(i)).sort((a, b) => p[b * k + label]! - p[a * k + label]!);
  return [...rows.filter(named), ...rest];
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
