/**
 * Importance weights from a generator to a model: w_b ∝ e^f(x_b) / q(x_b), which sum to 1, so that Σ w_b h(x_b) estimates the mean of h
 * under p ∝ e^f whatever the generator's own density is. That is q(x) = E_z N(x; g(z), σ²), here the mean over independent draws of z:
 * fit for data of few dimensions, where some of a few thousand g(z) lie within σ of any sample.
 */
import * as g from "../graph/index.js";

/** No sample weighs more than this many equal ones: a bound on the variance (truncated importance sampling, Ionides 2008). */
const MOST = 10;

/**
 * log q(x) up to a constant, `[B]`.
 * @param x `[B, …event]`
 * @param means g(z) of independent draws, `[M, …event]`
 * @param logSigma log σ, a scalar
 */
export function estimateLogDensity(x: g.Tensor, means: g.Tensor, logSigma: g.Tensor): g.Tensor {
  const [a, b] = [g.flatten(x), g.flatten(means)];
  // ‖x - m‖² by the binomial formula, as one product: [B, M].
  const squares = g.add(g.sum(g.square(a), 1, true), g.reshape(g.sum(g.square(b), 1), [1, b.shape[0]!]));
  const distances = g.sub(squares, g.mul(g.matmul(a, g.transpose(b)), 2));
  return g.logsumexp(g.mul(distances, g.mul(g.exp(g.mul(logSigma, -2)), -0.5)), 1);
}

/** Truncated weights `[B]`, held constant, and their effective number of samples 1 / Σ w². */
export function importanceWeights(logDensity: g.Tensor, logProposal: g.Tensor): { weights: g.Tensor; ess: g.Tensor } {
  const raw = g.softmax(g.sub(logDensity, logProposal), 0);
  const cut = g.minimum(raw, MOST / raw.size);
  const weights = g.stopGradient(g.div(cut, g.sum(cut)));
  return { weights, ess: g.div(1, g.sum(g.square(weights))) };
}
