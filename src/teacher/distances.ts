/** Squared distances between rows, by the engine: one matrix product, where a loop on the host would take many times as long. */
import * as g from "../graph/index.js";

/** ‖a_i - b_j‖² `[N, M]` of rows `[N, D]` and `[M, D]`; rounding, relative to the norms, can make it negative. */
export function squaredDistances(a: g.Tensor, b: g.Tensor): g.Tensor {
  const own = g.sum(g.square(a), 1, true);
  const others = g.reshape(g.sum(g.square(b), 1), [1, b.shape[0]!]);
  return g.add(g.add(g.mul(g.matmul(a, b, { transB: true }), -2), others), own);
}
