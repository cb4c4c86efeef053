/**
 * A base measure on columns whose tails are pulled in: u = asinh((x - median) / spread), standardised again. Heavy-tailed columns are dense
 * around their median and have a few rows far out; in u one mixture tells both apart. The density is that of u: no volume is counted.
 */

import * as g from "../../graph/index.js";
import { variable } from "../../nn/index.js";
import { NdArray } from "../../runtime/index.js";
import { mean, standardDeviation } from "../../runtime/numbers.js";
import { child } from "../child.js";
import type { BaseMeasure } from "./base-measure.js";
import { columnsOf, quantile } from "./columns.js";

/** Least spread, in standard deviations of the column. */
const LEAST = 0.05;
/** The median of |x - median| of a Gaussian, in standard deviations, inverted. */
const MAD = 1.4826;

/** Fitted: `median`, `spread`, `mean`, `scale`, each `[D]`, and `of`, which was fitted to u. */
export const compressed = (base: BaseMeasure): BaseMeasure => ({
  async fit(rows, rng) {
    const [count, width] = rows.shape as [number, number];
    const [median, spread, centre, scale] = Array.from({ length: 4 }, () => new Float32Array(width)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const u = new Float32Array(count * width);
    columnsOf(rows).forEach((column, j) => {
      const middle = quantile(Float32Array.from(column).sort(), 0.5);
      const deviations = column.map((v) => Math.abs(v - middle)).sort();
      median[j] = middle;
      spread[j] = Math.max(MAD * quantile(deviations, 0.5), LEAST);
      const pulled = column.map((v) => Math.asinh((v - middle) / spread[j]!));
      centre[j] = mean(pulled);
      scale[j] = standardDeviation(pulled) || 1;
      for (let i = 0; i < count; i++) u[i * width + j] = (pulled[i]! - centre[j]!) / scale[j]!;
    });
    const row = (values: Float32Array) => new NdArray(values, [width]);
    return {
      median: row(median),
      spread: row(spread),
      mean: row(centre),
      scale: row(scale),
      of: await base.fit(new NdArray(u, [count, width]), rng),
    };
  },

  logDensity(fitted, x) {
    const of = (name: string) => variable(fitted, name);
    const pulled = asinh(g.div(g.sub(x, of("median")), of("spread")));
    return base.logDensity(child(fitted, "of"), g.div(g.sub(pulled, of("mean")), of("scale")));
  },
});

/** sign(x) log(|x| + √(x² + 1)): without cancellation on either side. */
const asinh = (x: g.Tensor): g.Tensor => {
  const size = g.abs(x);
  return g.mul(g.sign(x), g.log(g.add(size, g.sqrt(g.add(g.square(size), 1)))));
};
