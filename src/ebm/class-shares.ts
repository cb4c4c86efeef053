/**
 * Probabilities that return to the classes' shares far from the data: p(y|x) = (1 - α) softmax_y(network) + α share_y with
 * α = sigmoid((floor - log p(x)) / width). A softmax alone is as sure of noise as of anything that it has seen.
 */

import * as g from "../graph/index.js";
import { type Dict, variable } from "../nn/index.js";
import { NdArray } from "../runtime/index.js";
import { total } from "../runtime/numbers.js";
import { quantile } from "./base/columns.js";

/** Buffers `logshare` `[K]` and `gate`, floor and width. @param heldout log p of rows held out, ascending */
export const classShares = (shares: readonly number[], heldout: ArrayLike<number>): Dict<NdArray> => ({
  logshare: logShares(shares),
  gate: gateOf(heldout),
});

/** Buffers with which α is 0 wherever. */
export const noClassShares = (shares: readonly number[]): Dict<NdArray> => ({
  logshare: logShares(shares),
  gate: new NdArray(Float32Array.of(-1e30, 1), [2]),
});

/** log p(y|x) `[B, K]` from the network's logits, returning to the shares as log p(x) `[B]` falls. */
export function returning(logits: g.Tensor, buffers: Dict<g.Tensor>, logDensity: g.Tensor): g.Tensor {
  const gate = variable(buffers, "gate");
  const [floor, width] = [g.slice(gate, 0), g.slice(gate, 1)];
  const inside = g.reshape(g.div(g.sub(logDensity, floor), width), [logDensity.shape[0]!, 1]);
  const own = g.sub(g.logSoftmax(logits, 1), g.softplus(g.neg(inside)));
  const shared = g.sub(variable(buffers, "logshare"), g.softplus(inside));
  return g.logsumexp(g.stack([own, g.broadcastTo(shared, own.shape)]), 0);
}

/** The floor lies as far below the lowest of the rows held out as the lowest twentieth below the median; it is that wide by a quarter. */
function gateOf(heldout: ArrayLike<number>): NdArray {
  const spread = Math.max(quantile(heldout, 0.5) - quantile(heldout, 0.05), 1e-3);
  return new NdArray(Float32Array.of(heldout[0]! - spread, spread / 4), [2]);
}

function logShares(shares: readonly number[]): NdArray {
  const all = total(shares);
  return new NdArray(
    Float32Array.from(shares, (share) => Math.log(Math.max(share / all, 1e-6))),
    [shares.length],
  );
}
