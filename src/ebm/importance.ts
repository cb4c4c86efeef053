/**
 * Importance weights from a generator to a model: w_b ∝ e^f(x_b) / q(x_b), which sum to 1, so that Σ w_b h(x_b) estimates the mean of h
 * under p ∝ e^f whatever the proposal q is. It is the generator with two scales of noise: σ for half of the samples, the data's standard
 * deviation for the others (defensive importance sampling, Hesterberg 1995), so that f is held down also where no g(z) is. Its density
 * q(x) = E_z [½ N(x; g(z), σ²) + ½ N(x; g(z), s²)] is the mean over independent draws of z: fit for data of few dimensions, where some
 * of a few hundred g(z) lie near any sample.
 */
import * as g from "../graph/index.js";

/** No sample weighs more than this many equal ones: a bound on the variance (truncated importance sampling, Ionides 2008). */
const MOST = 100;

export interface Proposal {
  /** Samples `[B, …event]`, held constant: the first half with noise σ, the second with the data's scale. */
  readonly x: g.Tensor;
  /** log q(x) `[B]`. */
  readonly logDensity: g.Tensor;
}

/**
 * Samples to weigh, and their density.
 * @param mean g(z) `[B, …event]`
 * @param epsilon standard normal `[B, …event]`
 * @param logSigma log σ, a scalar
 * @param data a batch `[B, …event]`: the scale of the space
 * @param draws g(z) of independent z `[M, …event]`
 */
export function propose(
  mean: g.Tensor,
  epsilon: g.Tensor,
  logSigma: g.Tensor,
  data: g.Tensor,
  draws: g.Tensor,
): Proposal {
  const batch = mean.shape[0]!;
  const variance = g.mean(g.square(g.sub(data, g.mean(data, 0))));
  const narrow = Math.ceil(batch / 2);
  const parts = [
    { count: narrow, logScale: logSigma },
    { count: batch - narrow, logScale: g.mul(g.log(variance), 0.5) },
  ];
  const scales = g.concat(parts.map(({ count, logScale }) => g.broadcastTo(g.exp(logScale), [count])));
  const noise = g.mul(epsilon, g.reshape(scales, [batch, ...mean.shape.slice(1).map(() => 1)]));
  const x = g.stopGradient(g.add(mean, noise));
  const distances = squaredDistances(g.flatten(x), g.flatten(draws));
  const terms = parts.map(({ count, logScale }) =>
    g.add(logMixture(distances, logScale, x.size / batch), Math.log(count / batch)),
  );
  return { x, logDensity: g.stopGradient(g.logsumexp(g.stack(terms), 0)) };
}

/** ‖a_i - b_j‖² `[A, B]` of rows, by the binomial formula, as one product. */
function squaredDistances(a: g.Tensor, b: g.Tensor): g.Tensor {
  const squares = g.add(g.sum(g.square(a), 1, true), g.reshape(g.sum(g.square(b), 1), [1, b.shape[0]!]));
  return g.sub(squares, g.mul(g.matmul(a, b, { transB: true }), 2));
}

/** log mean_j N(x_i; m_j, scale²) `[B]` from squared distances `[B, M]` in `dim` dimensions. */
function logMixture(distances: g.Tensor, logScale: g.Tensor, dim: number): g.Tensor {
  const exponents = g.mul(distances, g.mul(g.exp(g.mul(logScale, -2)), -0.5));
  const normaliser = g.add(g.mul(logScale, dim), 0.5 * dim * Math.log(2 * Math.PI) + Math.log(distances.shape[1]!));
  return g.sub(g.logsumexp(exponents, 1), normaliser);
}

/** Truncated weights `[B]`, held constant, and their effective number of samples 1 / Σ w². */
export function importanceWeights(logDensity: g.Tensor, logProposal: g.Tensor): { weights: g.Tensor; ess: g.Tensor } {
  const raw = g.softmax(g.sub(logDensity, logProposal), 0);
  const cut = g.minimum(raw, MOST / raw.size);
  const weights = g.stopGradient(g.div(cut, g.sum(cut)));
  return { weights, ess: g.div(1, g.sum(g.square(weights))) };
}
