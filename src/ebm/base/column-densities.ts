/**
 * A product of one density per column: a kernel density estimate on the column's quantiles (Silverman 1986, section 3.4, for the bandwidth),
 * and a little of a wide Gaussian, so that a value far out is unlikely by its distance and not by an underflow. Blind to how columns hang
 * together, and all the harder to lead astray by rows that do not belong: groups of odd rows among the training rows stay odd.
 */

import * as g from "../../graph/index.js";
import { variable } from "../../nn/index.js";
import { NdArray, type Rng } from "../../runtime/index.js";
import { standardDeviation } from "../../runtime/numbers.js";
import { type BaseMeasure, LOG_2PI } from "./base-measure.js";
import { columnsOf, quantile } from "./columns.js";

/** Kernels of a column. */
const KERNELS = 32;
/** Least bandwidth, in standard deviations: columns of few values would have none. */
const LEAST = 0.05;
/** Weight and scale of the wide Gaussian. */
const WIDE = { weight: 0.01, scale: 3 };

/** Fitted: `centres` `[kernels, D]`, `logscale` `[D]`. */
export const columnDensities: BaseMeasure = {
  async fit(rows: NdArray, _: Rng) {
    const [count, width] = rows.shape as [number, number];
    const kernels = Math.min(KERNELS, count);
    const centres = new Float32Array(kernels * width);
    const logscale = new Float32Array(width);
    columnsOf(rows).forEach((column, j) => {
      column.sort();
      const spread = (quantile(column, 0.75) - quantile(column, 0.25)) / 1.34;
      const deviation = standardDeviation(column);
      const scale = spread > 0 ? Math.min(deviation, spread) : deviation;
      logscale[j] = Math.log(Math.max(0.9 * scale * count ** -0.2, LEAST));
      for (let k = 0; k < kernels; k++) {
        centres[k * width + j] = column[Math.min(count - 1, Math.floor(((k + 0.5) / kernels) * count))]!;
      }
    });
    return { centres: new NdArray(centres, [kernels, width]), logscale: new NdArray(logscale, [width]) };
  },

  logDensity(fitted, x) {
    const [centres, logscale] = [variable(fitted, "centres"), variable(fitted, "logscale")];
    const [batch, width] = x.shape as [number, number];
    const kernels = centres.shape[0]!;
    const distance = g.mul(g.sub(g.reshape(x, [batch, 1, width]), centres), g.exp(g.neg(logscale)));
    const exponents = g.mul(g.square(distance), -0.5);
    const narrow = g.sub(
      g.logsumexp(exponents, 1), // [B, D]
      g.add(logscale, Math.log(kernels) + 0.5 * LOG_2PI - Math.log(1 - WIDE.weight)),
    );
    const wide = g.add(g.mul(g.square(x), -0.5 / WIDE.scale ** 2), Math.log(WIDE.weight / WIDE.scale) - 0.5 * LOG_2PI);
    return g.sum(g.logsumexp(g.stack([narrow, wide]), 0), 1);
  },
};
