/** What an ensemble's logits say. */
import * as g from "../../graph/index.js";

/** Logits of all members `[G, K, B, C]` → log of the members' mean probability `[G, B, C]`, and f, the mean of log Σ_y e^logit `[G, B]`. */
export function groupPredictions(logits: g.Tensor): {
  readonly logProbability: g.Tensor;
  readonly logDensity: g.Tensor;
} {
  const members = logits.shape[1]!;
  return {
    logProbability: g.sub(g.logsumexp(g.logSoftmax(logits, -1), 1), Math.log(members)),
    logDensity: g.mean(g.logsumexp(logits, -1), 1),
  };
}
