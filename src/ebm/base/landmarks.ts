/**
 * Nearness to landmarks: the mean, over several draws of training rows, of -log of the distance to the nearest row of the draw. It follows
 * the data wherever they are dense, in any shape, and needs no fit (Sugiyama & Borgwardt 2013, "Rapid distance-based outlier detection via
 * sampling"; the logarithm makes it the log-density of a nearest-neighbour estimate up to a factor). With few landmarks a small group of
 * odd rows among the training rows has hardly any in a draw, and with the second nearest a row never answers for itself.
 */
import * as g from "../../graph/index.js";
import { variable } from "../../nn/index.js";
import { NdArray } from "../../runtime/index.js";
import type { BaseMeasure } from "./base-measure.js";

export interface LandmarkOptions {
  /** Rows of a draw: at most half of all. */
  readonly landmarks: number;
  readonly draws: number;
  /** The nearest counts, or the second nearest. Default 1. */
  readonly neighbour?: 1 | 2;
}

/** Nearer than this, in standard deviations, all is equally near. */
const NEAR = 0.05;

/** Fitted: `landmarks` `[draws, landmarks, D]`. */
export const nearestLandmarks = ({ landmarks, draws, neighbour = 1 }: LandmarkOptions): BaseMeasure => ({
  async fit(rows, rng) {
    const [count, width] = rows.shape as [number, number];
    const size = Math.min(count, Math.max(neighbour, Math.min(landmarks, Math.floor(count / 2))));
    const chosen = new Float32Array(draws * size * width);
    for (let draw = 0; draw < draws; draw++) {
      const order = rng.permutation(count);
      for (let k = 0; k < size; k++) {
        const row = rows.data.subarray(order[k]! * width, (order[k]! + 1) * width);
        chosen.set(row, (draw * size + k) * width);
      }
    }
    return { landmarks: new NdArray(chosen, [draws, size, width]) };
  },

  logDensity(fitted, x) {
    const all = variable(fitted, "landmarks");
    const [draws_, size, width] = all.shape as [number, number, number];
    const rows = g.reshape(all, [draws_ * size, width]);
    const squares = g.add(g.sum(g.square(x), 1, true), g.reshape(g.sum(g.square(rows), 1), [1, draws_ * size]));
    const squared = g.reshape(g.sub(squares, g.mul(g.matmul(x, rows, { transB: true }), 2)), [
      x.shape[0]!,
      draws_,
      size,
    ]);
    const nearest = neighbour === 2 && size > 1 ? secondSmallest(squared) : g.min(squared, 2);
    const distance = g.sqrt(g.add(g.maximum(nearest, 0), NEAR ** 2));
    return g.neg(g.mean(g.log(distance), 1));
  },
});

/** Along the last axis, a smallest value that occurs twice being both. */
function secondSmallest(x: g.Tensor): g.Tensor {
  const places = g.reshape(g.arange(x.shape[2]!), [1, 1, x.shape[2]!]);
  const first = g.reshape(g.argmax(g.neg(x), 2), [x.shape[0]!, x.shape[1]!, 1]);
  return g.min(g.where(g.equal(places, first), Number.POSITIVE_INFINITY, x), 2);
}
