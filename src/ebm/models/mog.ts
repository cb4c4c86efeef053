/** A mixture of Gaussians with diagonal covariances: an energy-based model whose likelihood is known. */
import * as g from "../../graph/index.js";
import type { NdArray, Rng } from "../../runtime/index.js";
import { NdArray as Arrays, zeros } from "../../runtime/index.js";
import type { TractableModel } from "./tractable.js";

/** Parameters `mu` `[K, D]`, `logstd` `[K, D]`, `logits` `[K]`, as the original names them. */
export function mixtureOfGaussians(event: g.Shape, components: number): TractableModel {
  const dim = g.sizeOf(event);
  return {
    classes: null,
    init: (rng) => ({
      params: { mu: rng.normal([components, dim]), logstd: zeros([components, dim]), logits: zeros([components]) },
      state: {},
    }),
    masks: () => ({}),
    evaluate({ params }, x) {
      const [mu, logstd, logits] = [params.mu, params.logstd, params.logits] as g.Tensor[];
      const points = g.reshape(x, [x.shape[0]!, 1, dim]);
      const standard = g.mul(g.sub(points, mu!), g.exp(g.neg(logstd!)));
      const each = g.sub(g.mul(g.square(standard), -0.5), g.add(logstd!, 0.5 * Math.log(2 * Math.PI)));
      const joint = g.add(g.sum(each, 2), g.logSoftmax(logits!, 0)); // [B, K]
      return { logDensity: g.logsumexp(joint, 1), logits: null, state: {} };
    },
    noise: (count, rng) => ({ epsilon: rng.normal([count, dim]), gumbel: gumbel([count, components], rng) }),
    sample({ params }, noise) {
      const [mu, logstd, logits] = [params.mu, params.logstd, params.logits] as g.Tensor[];
      const { epsilon, gumbel: draws } = noise as { epsilon: g.Tensor; gumbel: g.Tensor };
      const chosen = g.argmax(g.add(g.logSoftmax(logits!, 0), draws), 1); // the Gumbel-max trick: a categorical draw
      const x = g.add(g.gather(mu!, chosen), g.mul(g.exp(g.gather(logstd!, chosen)), epsilon));
      return g.reshape(x, [epsilon.shape[0]!, ...event]);
    },
  };
}

function gumbel(shape: g.Shape, rng: Rng): NdArray {
  const uniform = rng.uniform(shape, 2 ** -24, 1).data as Float32Array;
  return new Arrays(
    uniform.map((u) => -Math.log(-Math.log(Math.min(u, 1 - 2 ** -24)))),
    shape,
  );
}
