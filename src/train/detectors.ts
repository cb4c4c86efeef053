/** What tells odd rows from data without learning much: the measure of every density. */
import { gaussianMixture, logDensities } from "../ebm/index.js";
import * as g from "../graph/index.js";
import { compile, NdArray } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";

/** Scores of rows `[N, D]`, higher for what is likelier. */
export type Detector = (rows: NdArray) => Promise<Float32Array>;

/** Mahalanobis' distance, as the log-density of a Gaussian with all covariances; 0.01 is added to the variances of the standardised columns. */
export function mahalanobis(train: NdArray): Detector {
  const gaussian = gaussianMixture({ components: 1, ridge: 0.01 });
  return async (rows) => {
    const fitted = await gaussian.fit(train, FIXED.for("Gaussian of Mahalanobis' distance"));
    return (await logDensities({ gaussian }, { gaussian: fitted }, rows))[0]!;
  };
}

/** Rows of one call: distances to all training rows are held at once. */
const ROWS = 250;
const NEIGHBOUR = 5;

/** Minus the distance to the 5th nearest training row. */
export function nearestNeighbours(train: NdArray): Detector {
  const [count, width] = train.shape as [number, number];
  const squaredDistances = (rows: g.Tensor, x: g.Tensor): g.Tensor => {
    const squares = g.add(g.sum(g.square(x), 1, true), g.reshape(g.sum(g.square(rows), 1), [1, count]));
    return g.sub(squares, g.mul(g.matmul(x, rows, { transB: true }), 2));
  };
  return async (rows) => {
    const distances = compile(squaredDistances, { name: "distances", argNames: ["rows", "x"] });
    const scores = new Float32Array(rows.shape[0]!);
    try {
      for (let at = 0; at < scores.length; at += ROWS) {
        // The last call takes as many rows as the others, zeros among them: programs are made for a shape.
        const x = new Float32Array(ROWS * width);
        x.set(rows.data.subarray(at * width, (at + ROWS) * width));
        const { data } = await distances(train, new NdArray(x, [ROWS, width]));
        for (let i = at; i < Math.min(at + ROWS, scores.length); i++) {
          const own = data.subarray((i - at) * count, (i - at + 1) * count);
          scores[i] = -Math.sqrt(Math.max(0, smallest(own, NEIGHBOUR)));
        }
      }
    } finally {
      await distances.release();
    }
    return scores;
  };
}

/** The k-th smallest; of fewer values the largest. */
export function smallest(values: ArrayLike<number>, k: number): number {
  const least: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (least.length === k && value >= least[k - 1]!) continue;
    let at = least.length;
    while (at > 0 && least[at - 1]! > value) at--;
    least.splice(at, 0, value);
    if (least.length > k) least.pop();
  }
  return least.at(-1)!;
}
