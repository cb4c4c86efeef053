/**
 * Base measures: densities fitted to the training rows before any network learns. With one, f(x) = log q0(x) + r(x): far from the rows
 * log q0 falls faster than a network r can rise, so f falls, too. They are members of the graph like any layer; what was fitted is a tree
 * of arrays that travels with the model's buffers.
 */
import type { Tensor } from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import type { NdArray, Rng } from "../../runtime/index.js";

/** A family of densities of rows `[B, D]`. */
export interface BaseMeasure {
  /** Fits the family to rows `[N, D]`, which are standardised or of like scale. */
  fit(rows: NdArray, rng: Rng): Promise<Dict<NdArray>>;
  /** log q0 of rows `[B, D]`: `[B]`. */
  logDensity(fitted: Dict<Tensor>, x: Tensor): Tensor;
}

export const LOG_2PI = Math.log(2 * Math.PI);
