/**
 * The entropy's gradient by a generator that is taken for linear around the z that made x.
 *
 * With J = ∂g/∂z there, x - g(z + d) ≈ r - J d with r = x - g(z), and the posterior q(z|x) is a normal one about z + d (the generalised
 * Gauss-Newton form of Laplace's approximation; Ritter et al. 2018 of weights):
 *
 *   (I + Jᵀ J / σ²) d = Jᵀ r / σ² - z,    c = (r - J d) / σ² ≈ -∇ₓ log q(x).
 *
 * A few steps of conjugate gradients (Hestenes & Stiefel 1952) find d, each by one product with J and one with Jᵀ: about the price of an
 * evaluation of g each, and nothing is drawn or adapted. For a linear g it is exact after k steps; else the error goes with σ, over which
 * g bends little. What importance sampling leaves of it, with as many evaluations and with many more: docs/evaluation.md.
 */
import * as g from "../../graph/index.js";
import { scalar, sumEvent } from "../generator.js";
import type { EntropyEstimator } from "./estimator.js";
import type { Decoder, EntropyGradient } from "./variational.js";

export interface LaplaceOptions {
  /** Steps of conjugate gradients. Default 2. */
  readonly steps?: number;
}

const DEFAULT_STEPS = 2;
/** Well above the least number that a float has. */
const TINY = 1e-30;

const dotRows = (a: g.Tensor, b: g.Tensor): g.Tensor => sumEvent(g.mul(a, b));

/** One number for each row, shaped to multiply rows of `x`. */
const perRow = (numbers: g.Tensor, x: g.Tensor): g.Tensor =>
  g.reshape(numbers, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);

/**
 * @param decoder maps each z apart from the others (`rowwise`)
 * @param x `[B, …event]`, drawn as g(z) + σ ε
 * @param z `[B, k]`
 */
export function laplaceScore(decoder: Decoder, x: g.Tensor, z: g.Tensor, steps = DEFAULT_STEPS): EntropyGradient {
  return g.scope("posterior", () => {
    const variance = g.exp(g.mul(scalar(decoder.logSigma), 2));
    const [means, pullBack] = g.vjp(decoder.mean, z);
    const pushForward = (tangent: g.Tensor) => g.jvp(decoder.mean, z, tangent)[1];
    // Of rows that are solved (by chance, or because g is flat there) 0 / 0 is to be 0.
    const ratio = (a: g.Tensor, b: g.Tensor) => g.div(a, g.maximum(b, TINY));

    let residual = g.sub(x, means);
    let shift: g.Tensor | null = null;
    let gradient = g.sub(g.div(pullBack(residual)[0], variance), z); // of log q(x, z)
    let direction = gradient;
    let square = dotRows(gradient, gradient);
    for (let step = 1; step <= steps; step++) {
      const image = pushForward(direction);
      const curvature = g.add(dotRows(direction, direction), g.div(dotRows(image, image), variance));
      const length = ratio(square, curvature);
      const moved = g.mul(perRow(length, direction), direction);
      shift = shift === null ? moved : g.add(shift, moved);
      residual = g.sub(residual, g.mul(perRow(length, image), image));
      if (step === steps) break;
      const product = g.add(direction, g.div(pullBack(image)[0], variance));
      gradient = g.sub(gradient, g.mul(perRow(length, product), product));
      const next = dotRows(gradient, gradient);
      direction = g.add(gradient, g.mul(perRow(ratio(next, square), direction), direction));
      square = next;
    }
    return {
      c: g.stopGradient(g.div(residual, variance)),
      info: { posterior_shift: g.mean(g.sqrt(dotRows(shift!, shift!))) },
    };
  });
}

/** `laplace`: {@link laplaceScore} at every draw. */
export const laplaceEstimator = ({ steps = DEFAULT_STEPS }: LaplaceOptions = {}): EntropyEstimator => ({
  init: () => ({}),
  noise: () => ({}),
  estimate: (decoder, state, x, z) => ({ ...laplaceScore(decoder, x, z, steps), state }),
});
