/** Virtual adversarial training (Miyato et al. 2018): p(y|x) should not change in the direction in which it changes most. */
import * as g from "../../graph/index.js";
import { sumEvent } from "../generator.js";

export interface VatOptions {
  /** Length of the perturbation. Default 3. */
  readonly epsilon?: number;
  /** Step of the finite difference in the power iteration. Default 10. */
  readonly xi?: number;
  /** Power iterations. Default 1. */
  readonly iterations?: number;
}

const unit = (d: g.Tensor): g.Tensor => {
  const norm = g.add(g.sqrt(sumEvent(g.square(d))), 1e-8);
  return g.div(d, g.reshape(norm, [d.shape[0]!, ...d.shape.slice(1).map(() => 1)]));
};

/** Mean KL(p ‖ q) of categorical distributions given as log-probabilities `[B, K]`. */
const divergence = (logp: g.Tensor, logq: g.Tensor): g.Tensor =>
  g.mean(g.sum(g.mul(g.exp(logp), g.sub(logp, logq)), 1));

/**
 * KL between p(y|x) and p(y|x + r), r the adversarial direction found from the random start `noise` (shaped like x).
 * @param logits x `[B, …]` → `[B, K]`
 */
export function virtualAdversarialLoss(
  logits: (x: g.Tensor) => g.Tensor,
  x: g.Tensor,
  noise: g.Tensor,
  { epsilon = 3, xi = 10, iterations = 1 }: VatOptions = {},
): g.Tensor {
  const clean = g.stopGradient(g.logSoftmax(logits(x), 1));
  const changed = (d: g.Tensor) => divergence(clean, g.logSoftmax(logits(g.add(x, d)), 1));
  let direction = unit(noise);
  for (let i = 0; i < iterations; i++) {
    direction = unit(g.stopGradient(g.grad((d: g.Tensor) => changed(g.mul(d, xi)))(direction)));
  }
  return changed(g.mul(g.stopGradient(direction), epsilon));
}
