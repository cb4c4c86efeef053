/** Dropout (Srivastava et al. 2014), by masks drawn on the host: the graph itself holds no random state. */
import { mul, type Shape } from "../../graph/index.js";
import { type Module, variable } from "../module.js";

/**
 * In training, and with frozen statistics where masks are given, multiplies by a mask `[B, …shape]`: 0 with probability
 * `p`, else 1 / (1 - p). Axes of size 1 share their fate.
 * @param shape of one sample's mask: the features' for `torch.nn.Dropout`, `[C, 1, 1]` for `torch.nn.Dropout2d`.
 * @throws RangeError where p is not in [0, 1).
 */
export function dropout(p: number, shape: Shape): Module {
  if (!(p >= 0 && p < 1)) throw new RangeError(`dropout: p must be in [0, 1), got ${p}`);
  return {
    init: () => ({ params: {}, state: {} }),
    apply(_, x, mode) {
      const drops = mode.mode === "train" || (mode.mode === "frozen" && mode.masks !== undefined);
      return { y: drops ? mul(x, variable(mode.masks ?? {}, "mask")) : x, state: {}, statistics: {} };
    },
    masks: (batch, rng) => ({ mask: rng.bernoulli([batch, ...shape], 1 - p, 1 / (1 - p)) }),
  };
}
