/**
 * Bagging: a base measure fitted several times to a part of the rows each, its log-densities averaged (Breiman 1996). It steadies the fit
 * of few rows; and where odd rows are among the training rows, half of the fits have not seen the row in question.
 */
import * as g from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import { child } from "../steps/step.js";
import type { BaseMeasure } from "./base-measure.js";
import { takeRows } from "./rows.js";

export interface BaggingOptions {
  readonly times: number;
  /** Share of the rows of each fit. Default ½. */
  readonly share?: number;
}

/** Fitted: `0`, `1`, … */
export const bagged = (base: BaseMeasure, { times, share = 0.5 }: BaggingOptions): BaseMeasure => ({
  async fit(rows, rng) {
    const count = rows.shape[0]!;
    const fitted: Record<string, Dict<NdArray>> = {};
    for (let i = 0; i < times; i++) {
      const chosen = rng.permutation(count).subarray(0, Math.max(1, Math.round(share * count)));
      fitted[i] = await base.fit(takeRows(rows, chosen), rng);
    }
    return fitted;
  },
  logDensity(fitted, x) {
    const each = Array.from({ length: times }, (_, i) => base.logDensity(child(fitted, String(i)), x));
    return g.mul(
      each.reduce((a, b) => g.add(a, b)),
      1 / times,
    );
  },
});
