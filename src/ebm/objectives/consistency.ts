/** Consistency of p(y|x) between views of an image, by pseudo-labels (Sohn et al. 2020, FixMatch, eq. 4). */
import * as g from "../../graph/index.js";

export interface ConsistencyOptions {
  readonly weight: number;
  /** How probable a class must be to be taught, 0 … 1. */
  readonly confidence: number;
}

/**
 * Where the model is sure of x, its class is taught to a strongly changed view of x: mean of 1[max p ≥ confidence] · -log p(argmax p | view).
 * @param plain logits of x `[B, K]`, held constant
 * @param strong logits of the views `[B, K]`
 * @returns the loss, and the share of the batch that teaches
 */
export function consistency(
  plain: g.Tensor,
  strong: g.Tensor,
  confidence: number,
): { readonly loss: g.Tensor; readonly share: g.Tensor } {
  const p = g.softmax(g.stopGradient(plain), 1);
  const sure = g.cast(g.greaterEqual(g.max(p, 1), confidence), "f32");
  const classes = g.oneHot(g.argmax(p, 1), p.shape[1]!);
  const each = g.neg(g.sum(g.mul(g.logSoftmax(strong, 1), classes), 1));
  return { loss: g.mean(g.mul(each, sure)), share: g.mean(sure) };
}
