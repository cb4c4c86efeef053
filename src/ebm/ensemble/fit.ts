/**
 * Fits an ensemble to encoded rows. Groups learn side by side, each from its own rows; one that holds rows out keeps the averaged weights
 * that did best on them, and the fit ends early where no group has improved for a while. Depends on its arguments alone.
 */
import * as g from "../../graph/index.js";
import {
  applyEnsemble,
  cosine,
  type Dict,
  emaDecay,
  ensembleMasks,
  initEnsemble,
  linearWarmup,
  product,
} from "../../nn/index.js";
import { compile, compileScan, full, integers, isArray, NdArray, type Rng, stackTrees } from "../../runtime/index.js";
import { groupPredictions } from "./prediction.js";
import { type EnsembleData, ensembleStep } from "./step.js";

/** A group: what it learns from, what it is judged by, and how much of it is dropped. */
export interface EnsembleGroup {
  readonly rows: Int32Array;
  /** Empty where the last weights are kept. */
  readonly heldOut: Int32Array;
  readonly dropout: number;
}

export interface EnsembleTask {
  readonly data: EnsembleData<NdArray>;
  readonly classes: number;
  readonly groups: readonly EnsembleGroup[];
  /** Iterations at most, rounded up to whole calls of the engine. */
  readonly steps: number;
  readonly weightDecay: number;
}

export interface FitProgress {
  readonly step: number;
  readonly steps: number;
  /** Passes over the rows of the first group. */
  readonly epoch: number;
  /** Mean cross-entropy of the members since the last call. */
  readonly loss: number;
  /** Of rows held out, mean over groups; where they were just looked at. */
  readonly heldOut: number | null;
}

export interface FitHooks {
  readonly onProgress?: (progress: FitProgress) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Of one group's rows held out, or of all its rows where it holds none out. */
export interface GroupPredictions {
  readonly rows: Int32Array;
  /** `[n, C]`. */
  readonly logProbability: Float32Array;
  /** `[n]`. */
  readonly logDensity: Float32Array;
}

export interface FittedEnsemble {
  readonly network: Dict<NdArray>;
  readonly predictions: readonly GroupPredictions[];
  /** Null, or where the signal ended it. */
  readonly stopped: { readonly step: number; readonly steps: number } | null;
}

const MEMBERS = 8;
const HIDDEN = 192;
const BATCH = 256;
const RATE = 2e-3;
/** Share of the iterations in which the learning rate rises. */
const WARMUP = 0.05;
/** Of the running average, once it has left its beginning behind. */
const DECAY = 0.99;
/** Iterations in a call of the engine. */
const CALL = 10;
/** How often rows held out are looked at, from which share of the iterations on, and how often in vain. */
const CHECKS = 20;
const FIRST_CHECK = 0.15;
const PATIENCE = 6;
/** Rows of a group that one call predicts. */
const PREDICTED = 1024;

/** Rows of a batch: as many as every group has. */
export const batchOf = (groups: readonly EnsembleGroup[]): number =>
  Math.min(BATCH, ...groups.map(({ rows }) => rows.length));

export async function fitEnsemble(
  { data, classes, groups, steps: wanted, weightDecay }: EnsembleTask,
  rng: Rng,
  { onProgress = () => {}, signal }: FitHooks = {},
): Promise<FittedEnsemble> {
  const steps = CALL * Math.ceil(wanted / CALL);
  const every = CALL * Math.max(1, Math.round(steps / CHECKS / CALL));
  const batch = batchOf(groups);
  const [initial, order, noise] = [rng.fork(), rng.fork(), rng.fork()];
  const size = {
    groups: groups.length,
    members: MEMBERS,
    inputs: data.x.shape[1]!,
    hidden: HIDDEN,
    outputs: classes,
  };
  const step = ensembleStep(classes, weightDecay);
  let state = step.init(initEnsemble(size, meanSquares(data.x), initial));
  const batches = groups.map(({ rows }) => new Orders(rows, batch, order.fork()));
  const schedule = product(linearWarmup(WARMUP * steps), cosine(steps));
  const drops = groups.map(({ dropout }) => dropout);
  const inputs = (s: number) => ({
    rows: integers(
      batches.flatMap((b) => Array.from(b.next())),
      [groups.length, batch],
    ),
    masks: ensembleMasks(drops, batch, HIDDEN, noise),
    rate: full([], RATE * schedule(s)),
    decay: full([], emaDecay(DECAY, s)),
  });

  const train = compileScan(step.run, { name: "ensemble_step" });
  const predict = predictor();
  const judged = groups.every(({ heldOut }) => heldOut.length > 0);
  const predicted = groups.map(({ rows, heldOut }) => (judged ? heldOut : rows));
  const best = groups.map(() => ({ loss: Number.POSITIVE_INFINITY, predictions: null as GroupPredictions | null }));
  let kept = state.average;
  let [done, inVain] = [0, 0];
  let stopped: FittedEnsemble["stopped"] = null;
  try {
    while (done < steps && inVain < PATIENCE) {
      if (signal?.aborted) {
        stopped = { step: done, steps };
        break;
      }
      const xs = stackTrees(Array.from({ length: CALL }, (_, i) => inputs(done + i)));
      const [next, { loss }] = await train(state, xs, data);
      state = next;
      done += CALL;
      let heldOut: number | null = null;
      if (judged && done % every === 0 && done > FIRST_CHECK * steps) {
        inVain++;
        const found = await predict(state.average, data.x, predicted);
        const losses = found.map((p) => crossEntropy(p, data.targets, classes));
        losses.forEach((value, group) => {
          if (!(value < best[group]!.loss)) return;
          best[group] = { loss: value, predictions: found[group]! };
          kept = withGroup(kept, state.average, group);
          inVain = 0;
        });
        heldOut = mean(losses);
      }
      await onProgress({ step: done, steps, epoch: batches[0]!.epoch, loss: mean(loss.data), heldOut });
    }
    const unjudged = best.some(({ predictions }) => predictions === null);
    if (unjudged) kept = state.average;
    const predictions = unjudged
      ? await predict(kept, data.x, predicted)
      : best.map(({ predictions: p }) => p as GroupPredictions);
    return { network: kept, predictions, stopped };
  } finally {
    await train.release();
    await predict.release();
  }
}

/** Batches of some rows, in a new random order in each epoch; rows that do not fill a batch are left out of it. */
class Orders {
  private order = new Int32Array(0);
  private at = 0;
  epoch = -1;

  constructor(
    private readonly rows: Int32Array,
    private readonly batch: number,
    private readonly rng: Rng,
  ) {}

  next(): Int32Array {
    if (this.at + this.batch > this.order.length) {
      this.order = this.rng.permutation(this.rows.length).map((i) => this.rows[i]!);
      this.at = 0;
      this.epoch++;
    }
    this.at += this.batch;
    return this.order.subarray(this.at - this.batch, this.at);
  }
}

/** Predictions of each group for rows of its own. */
function predictor() {
  const fn = (network: Dict<g.Tensor>, x: g.Tensor, rows: g.Tensor) =>
    groupPredictions(applyEnsemble(network, g.gather(x, rows)));
  const run = compile(fn, { name: "ensemble", argNames: ["network", "x", "rows"] });
  const call = async (network: Dict<NdArray>, x: NdArray, rows: readonly Int32Array[]): Promise<GroupPredictions[]> => {
    const most = Math.max(...rows.map((r) => r.length));
    const batch = Math.min(PREDICTED, most);
    const parts: { logProbability: number[]; logDensity: number[] }[] = rows.map(() => ({
      logProbability: [],
      logDensity: [],
    }));
    for (let at = 0; at < most; at += batch) {
      // A group with fewer rows, and the last call, repeat a row: sessions are made for a shape.
      const chosen = rows.flatMap((r) => Array.from({ length: batch }, (_, i) => r[Math.min(at + i, r.length - 1)]!));
      const { logProbability, logDensity } = await run(network, x, integers(chosen, [rows.length, batch]));
      const classes = logProbability.shape[2]!;
      rows.forEach((r, group) => {
        const count = Math.max(0, Math.min(batch, r.length - at));
        const [p, f] = [group * batch * classes, group * batch];
        for (let i = 0; i < count * classes; i++) parts[group]!.logProbability.push(logProbability.data[p + i]!);
        for (let i = 0; i < count; i++) parts[group]!.logDensity.push(logDensity.data[f + i]!);
      });
    }
    return parts.map(({ logProbability, logDensity }, group) => ({
      rows: rows[group]!,
      logProbability: Float32Array.from(logProbability),
      logDensity: Float32Array.from(logDensity),
    }));
  };
  return Object.assign(call, { release: () => run.release() });
}

function crossEntropy({ rows, logProbability }: GroupPredictions, targets: NdArray, classes: number): number {
  let total = 0;
  rows.forEach((row, i) => {
    if (targets.dtype === "i32") total -= logProbability[i * classes + targets.data[row]!]!;
    else for (let c = 0; c < classes; c++) total -= targets.data[row * classes + c]! * logProbability[i * classes + c]!;
  });
  return total / rows.length;
}

/** One group's parameters from another tree. */
const withGroup = (into: Dict<NdArray>, from: Dict<NdArray>, group: number): Dict<NdArray> =>
  g.zipTrees<unknown, NdArray, NdArray>(into, [from], isArray, (a, b) => {
    const size = a.size / a.shape[0]!;
    const data = Float32Array.from(a.data);
    data.set(b.data.subarray(group * size, (group + 1) * size), group * size);
    return new NdArray(data, a.shape);
  }) as Dict<NdArray>;

function meanSquares({ data, shape }: NdArray): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += data[i]! ** 2;
  return total / shape[0]!;
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
