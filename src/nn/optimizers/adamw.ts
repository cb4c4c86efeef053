/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), as `torch.optim.AdamW`. */
import * as g from "../../graph/index.js";
import { type AdamOptions, adam } from "./adam.js";
import type { Optimizer } from "./optimizer.js";

export interface AdamWOptions extends AdamOptions {
  /** Whether the parameter at a path decays. Default: all do. */
  readonly decays?: (path: string) => boolean;
}

/** θ ← (1 - lr · weightDecay) θ, then Adam's step. The state is Adam's. */
export function adamW({ weightDecay = 0.01, decays = () => true, ...options }: AdamWOptions = {}): Optimizer {
  const inner = adam(options);
  return {
    init: inner.init,
    update: (params, grads, state, lr) => {
      const kept = g.sub(1, g.mul(lr, weightDecay));
      const shrunk = g.mapTree<unknown, g.Tensor, g.Tensor>(params, g.isTensor, (p, path) =>
        decays(path) ? g.mul(p, kept) : p,
      ) as typeof params;
      return inner.update(shrunk, grads, state, lr);
    },
  };
}
