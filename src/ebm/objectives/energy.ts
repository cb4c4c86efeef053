/** What an energy-based model minimises, term by term (reference: VERA eq. 3 and appendix; JEM eq. 7). */
import * as g from "../../graph/index.js";
import { sumEvent } from "../generator.js";

/** Mean f over samples minus mean f over data: its gradient is that of the negative log-likelihood. */
export const contrastive = (fData: g.Tensor, fSamples: g.Tensor): g.Tensor => g.sub(g.mean(fSamples), g.mean(fData));

/** Mean of f², which keeps f near zero. */
export const magnitude = (f: g.Tensor): g.Tensor => g.mean(g.square(f));

/** ∇ₓ f, one row per input: the model's score. */
export const score = (logDensity: (x: g.Tensor) => g.Tensor, x: g.Tensor): g.Tensor =>
  g.grad((t: g.Tensor) => g.sum(logDensity(t)))(x);

/** Mean over the batch of ½‖∇ₓ f(x)‖². */
export const gradientPenalty = (logDensity: (x: g.Tensor) => g.Tensor, x: g.Tensor): g.Tensor =>
  g.mul(g.mean(sumEvent(g.square(score(logDensity, x)))), 0.5);

/** Mean cross-entropy of logits `[B, K]` against classes y `[B]` (i32). */
export const crossEntropy = (logits: g.Tensor, y: g.Tensor): g.Tensor =>
  g.neg(g.mean(g.sum(g.mul(g.logSoftmax(logits, 1), g.oneHot(y, logits.shape[1]!)), 1)));

/** Mean entropy of p(y|x) = softmax(logits). */
export function conditionalEntropy(logits: g.Tensor): g.Tensor {
  const logp = g.logSoftmax(logits, 1);
  return g.neg(g.mean(g.sum(g.mul(g.exp(logp), logp), 1)));
}

/** Share of inputs whose largest logit is the class y. */
export const accuracy = (logits: g.Tensor, y: g.Tensor): g.Tensor =>
  g.mean(g.cast(g.equal(g.argmax(logits, 1), y), "f32"));
