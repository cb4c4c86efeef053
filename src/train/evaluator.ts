/** What a model says of whole splits, and the figures of merit that training reports. */
import { inOrder, type Split } from "../data/web.js";
import type { EnergyModel } from "../ebm/index.js";
import { sizeOf, type Tensor } from "../graph/index.js";
import * as m from "../metrics/index.js";
import type { Variables } from "../nn/index.js";
import { compile, NdArray, Programs, type Releasable } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";

/** f and, where the model has classes, logits of many inputs. */
export interface Predictions {
  /** `[N]`. */
  readonly logDensity: Float32Array;
  /** `[N, K]` row by row, or null. */
  readonly logits: Float32Array | null;
}

/** Inputs of one call: as many numbers as this, so that large images do not take gigabytes. */
const NUMBERS = 2 ** 18;
const batchOf = (shape: readonly number[]): number =>
  Math.max(50, Math.min(500, Math.floor(NUMBERS / sizeOf(shape.slice(1)))));

/** Compiles a model once for all its evaluations. Batch norm is in evaluation mode, dropout off. */
export class Evaluator implements Releasable {
  private readonly programs = new Programs();
  private readonly evaluate;

  constructor(readonly model: EnergyModel) {
    const fn = (variables: Variables<Tensor>, x: Tensor) => {
      const { logDensity, logits } = model.evaluate(variables, x, { mode: "eval" });
      return logits === null ? { logDensity } : { logDensity, logits };
    };
    this.evaluate = this.programs.own(compile(fn, { name: "evaluate", argNames: ["model", "x"] }));
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  async batches(variables: Variables<NdArray>, batches: Iterable<NdArray>): Promise<Predictions> {
    const parts: Record<string, NdArray>[] = [];
    for (const x of batches) parts.push(await this.evaluate(variables, x));
    const joined = (name: string) => {
      const all = new Float32Array(parts.reduce((n, part) => n + part[name]!.size, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part[name]!.data, at);
        at += part[name]!.size;
      }
      return all;
    };
    return { logDensity: joined("logDensity"), logits: this.model.classes === null ? null : joined("logits") };
  }

  split(variables: Variables<NdArray>, split: Split): Promise<Predictions> {
    return this.batches(
      variables,
      (function* () {
        if (split.size === 0) return;
        const { shape } = split.x([0]);
        for (const { x } of inOrder(split, batchOf(shape))) yield x;
      })(),
    );
  }

  array(variables: Variables<NdArray>, x: NdArray): Promise<Predictions> {
    const width = x.size / x.shape[0]!;
    const batch = batchOf(x.shape);
    return this.batches(
      variables,
      (function* () {
        for (let at = 0; at < x.shape[0]!; at += batch) {
          const rows = x.data.subarray(at * width, (at + batch) * width);
          yield new NdArray(rows, [rows.length / width, ...x.shape.slice(1)]);
        }
      })(),
    );
  }
}

/** Scores of predictions on the rows whose class is known. */
export function scoresOfKnown(logits: Float32Array, labels: Int32Array, classes: number): m.ClassifierScores {
  const rows = Array.from(labels.keys()).filter((i) => labels[i]! >= 0);
  const known = Float32Array.from(rows.flatMap((i) => Array.from(logits.subarray(i * classes, (i + 1) * classes))));
  const y = Int32Array.from(rows, (i) => labels[i]!);
  return m.classifierScores(m.softmaxRows(known, classes), y, classes);
}

/** The region over which densities in the plane are normalised and drawn, and the points along each side. */
const PLANE = { radius: 6, side: 300 } as const;
export const PLANE_GRID = m.planeGrid(PLANE.radius, PLANE.side);

/** f on the plane's grid, and log Z by integration over it. */
export async function planeDensity(evaluator: Evaluator, variables: Variables<NdArray>) {
  const { logDensity } = await evaluator.array(variables, PLANE_GRID.points);
  return { logDensity, logPartition: m.logPartition(PLANE_GRID, logDensity) };
}

export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Uniform noise over the range of the data, as the simplest thing that is not data. */
export function uniformNoise(event: readonly number[], [low, high]: readonly [number, number], count = 1000): NdArray {
  return FIXED.for("uniform noise over pixels").uniform([count, ...event], low, high);
}
