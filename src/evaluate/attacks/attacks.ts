/**
 * Accuracy under attack: projected gradient descent in balls of the L2 or L∞ norm around each input (Madry et al. 2018), with
 * knowledge of the model, from several random starts.
 *
 * Cross-entropy has no gradient in 32-bit floats where the model is certain, and a model that is always certain would seem
 * robust. Every second start therefore climbs the margin, the largest other logit less that of the label (Carlini & Wagner
 * 2017), which does not saturate. An input counts as fooled if any step of any start is misclassified.
 */
import { labelled, type Split } from "../../data/index.js";
import * as g from "../../graph/index.js";
import type { Variables } from "../../nn/index.js";
import { array, compileScan, integers, NdArray, type Rng, streams } from "../../runtime/index.js";
import { evaluate } from "../../samplers/index.js";
import { fillRows, type OnProgress, type Probe } from "../../score/probe.js";

export type Norm = "l2" | "linf";

export interface AttackOptions {
  readonly norm: Norm;
  /** Radii, in units of {@link AttackOptions.unit}. */
  readonly radii: readonly number[];
  /** What a radius of 1 is in the model's inputs: the range of pixels, or 1 for tables in standard deviations. Default 1. */
  readonly unit?: number;
  /** Ends of the inputs' range, which attacks do not leave. Default: none. */
  readonly range?: readonly [number, number];
  /** Default 40. */
  readonly steps?: number;
  /** Default 2: one climbs cross-entropy, one the margin. */
  readonly restarts?: number;
  readonly seed?: number;
  readonly onProgress?: OnProgress | undefined;
}

export interface AttackReport {
  readonly norm: Norm;
  readonly steps: number;
  readonly restarts: number;
  readonly examples: number;
  /** By growing radius, from 0: no attack. */
  readonly points: readonly { readonly radius: number; readonly accuracy: number }[];
}

/**
 * Together the steps are so many radii long. They shrink linearly to nothing: the first cross the ball from wherever the start
 * was, the last settle on its best point, which steps of one size would only circle.
 */
const REACH = 5;

const stepSizes = (radius: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => ((2 * REACH * radius) / steps) * (1 - i / steps));

/** @throws TypeError where the model has no classes. */
export async function attack(
  probe: Probe,
  split: Split,
  { norm, radii, unit = 1, range, steps = 40, restarts = 2, seed = 0, onProgress }: AttackOptions,
): Promise<AttackReport> {
  const rows = labelled(split);
  const climb = climber(probe, norm, range);
  const rng = streams(seed).for(`attacks in ${norm}`);
  const ascending = [...new Set(radii)].filter((r) => r > 0).sort((a, b) => a - b);
  // What a smaller ball fools, a larger one does: only the rest is attacked again.
  let standing = await rightRows(probe, split, rows);
  const points = [{ radius: 0, accuracy: standing.length / rows.length }];
  const total = ascending.length * restarts;
  let done = 0;
  for (const radius of ascending) {
    for (let restart = 0; restart < restarts; restart++) {
      const left: number[] = [];
      for (let at = 0; at < standing.length; at += probe.batchSize) {
        const some = standing.slice(at, at + probe.batchSize);
        const fooled = await climb(split, some, { radius: radius * unit, steps, margin: restart % 2 === 1, rng });
        left.push(...some.filter((_, i) => !fooled[i]));
      }
      standing = left;
      onProgress?.(++done, total);
    }
    points.push({ radius, accuracy: standing.length / rows.length });
  }
  return { norm, steps, restarts, examples: rows.length, points };
}

/** Rows that are classified right as they are. */
async function rightRows(probe: Probe, split: Split, rows: Int32Array): Promise<number[]> {
  const right: number[] = [];
  for (let at = 0; at < rows.length; at += probe.batchSize) {
    const some = rows.subarray(at, at + probe.batchSize);
    const { logits } = await probe.predict(split.x(some));
    const classes = logits!.length / some.length;
    some.forEach((row, i) => {
      const own = logits!.subarray(i * classes, (i + 1) * classes);
      if (own.indexOf(Math.max(...own)) === split.y![row]) right.push(row);
    });
  }
  return right;
}

interface Climb {
  readonly radius: number;
  readonly steps: number;
  readonly margin: boolean;
  readonly rng: Rng;
}

type State<L = g.Tensor> = { readonly x: L };
type Constants<L = g.Tensor> = {
  readonly variables: Variables<L>;
  readonly center: L;
  readonly y: L;
  readonly radius: L;
  /** 1 to climb the margin, 0 for cross-entropy. */
  readonly margin: L;
};

/** Compiles one start of the attack: which of some rows does it fool? */
function climber(probe: Probe, norm: Norm, range: readonly [number, number] | undefined) {
  const step = (
    { x }: State,
    { size }: { size: g.Tensor },
    { variables, center, y, radius, margin }: Constants,
  ): [State, g.Tensor] => {
    const margins = (at: g.Tensor) => marginOf(probe.logits(variables, at), y);
    const objective = (at: g.Tensor) => {
      const crossEntropy = crossEntropyOf(probe.logits(variables, at), y);
      return g.add(g.mul(margins(at), margin), g.mul(crossEntropy, g.sub(1, margin)));
    };
    const { gradient } = evaluate(objective, x);
    const direction = norm === "linf" ? g.sign(gradient) : g.div(gradient, g.add(norms(gradient), 1e-12));
    const moved = g.sub(g.add(x, g.mul(direction, size)), center);
    const inBall = g.add(center, norm === "linf" ? cut(moved, radius) : shortened(moved, radius));
    return [{ x: range === undefined ? inBall : g.clamp(inBall, ...range) }, margins(x)];
  };
  const run = compileScan(step, { name: `pgd_${norm}` });

  return async (split: Split, rows: readonly number[], { radius, steps, margin, rng }: Climb): Promise<boolean[]> => {
    const center = fillRows(split.x(rows), probe.batchSize);
    const count = center.shape[0]!;
    const y = integers(Array.from({ length: count }, (_, i) => split.y![rows[Math.min(i, rows.length - 1)]!]!));
    const start = randomStart(center, norm, radius, range, rng);
    // The last entry looks at where the last step led, and moves nowhere.
    const size = array([...stepSizes(radius, steps), 0]);
    const constants = { variables: probe.run.variables, center, y, radius, margin: Number(margin) };
    const [, margins] = await run({ x: start }, { size }, constants);
    return rows.map((_, i) => {
      for (let s = 0; s <= steps; s++) if (margins.data[s * count + i]! > 0) return true;
      return false;
    });
  };
}

const crossEntropyOf = (logits: g.Tensor, y: g.Tensor): g.Tensor =>
  g.sub(g.logsumexp(logits, 1), g.sum(g.mul(logits, g.oneHot(y, logits.shape[1]!)), 1));

/** Positive where another class wins. */
function marginOf(logits: g.Tensor, y: g.Tensor): g.Tensor {
  const label = g.oneHot(y, logits.shape[1]!);
  const others = g.max(g.where(g.less(0, label), Number.NEGATIVE_INFINITY, logits), 1);
  return g.sub(others, g.sum(g.mul(logits, label), 1));
}

/** Norms of rows, `[B, 1, …]`. */
const norms = (x: g.Tensor): g.Tensor => g.sqrt(g.sum(g.square(x), [...x.shape.keys()].slice(1), true));

const cut = (delta: g.Tensor, radius: g.Tensor): g.Tensor => g.maximum(g.minimum(delta, radius), g.neg(radius));

const shortened = (delta: g.Tensor, radius: g.Tensor): g.Tensor =>
  g.mul(delta, g.minimum(1, g.div(radius, g.add(norms(delta), 1e-12))));

/** Uniform in the ball around each row, within the range. */
function randomStart(
  center: NdArray,
  norm: Norm,
  radius: number,
  range: readonly [number, number] | undefined,
  rng: Rng,
): NdArray {
  const rows = center.shape[0]!;
  const width = center.size / rows;
  const offset = norm === "linf" ? rng.uniform(center.shape, -radius, radius).data : rng.normal(center.shape).data;
  const data = new Float32Array(center.size);
  for (let i = 0; i < rows; i++) {
    let scale = 1;
    if (norm === "l2") {
      let squares = 0;
      for (let j = i * width; j < (i + 1) * width; j++) squares += offset[j]! ** 2;
      scale = (radius * rng.random() ** (1 / width)) / Math.sqrt(squares);
    }
    for (let j = i * width; j < (i + 1) * width; j++) {
      const v = center.data[j]! + scale * offset[j]!;
      data[j] = range === undefined ? v : Math.min(Math.max(v, range[0]), range[1]);
    }
  }
  return new NdArray(data, center.shape);
}
