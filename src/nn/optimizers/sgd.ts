/** Stochastic gradient descent with momentum (Polyak 1964, Nesterov 1983), as `torch.optim.SGD`. */
import * as g from "../../graph/index.js";
import { zerosTree } from "../../runtime/index.js";
import { decayed, type Optimizer, zip } from "./optimizer.js";

export interface SgdOptions {
  /** Default 0: the state is then empty. */
  readonly momentum?: number;
  /** Default false. Needs momentum. */
  readonly nesterov?: boolean;
  /** Default 0. */
  readonly weightDecay?: number;
}

/**
 * b ← μ b + g, θ ← θ - lr b; with Nesterov's momentum θ ← θ - lr (g + μ b). State: `buffer` (b).
 * @throws RangeError for Nesterov's momentum without momentum.
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  if (nesterov && momentum === 0) throw new RangeError("sgd: Nesterov's momentum needs momentum > 0");
  return {
    init: (params) => (momentum === 0 ? {} : { buffer: zerosTree(params) }),
    update: (params, gradients, state, lr) =>
      g.scope("sgd", () => {
        const grads = decayed(gradients, params, weightDecay);
        const along = (direction: typeof params) => zip((p, d) => g.sub(p, g.mul(d, lr)), params, direction);
        if (momentum === 0) return { params: along(grads), state: {} };
        const buffer = zip((grad, old) => g.add(g.mul(old, momentum), grad), grads, state.buffer);
        const direction = nesterov ? zip((grad, b) => g.add(grad, g.mul(b, momentum)), grads, buffer) : buffer;
        return { params: along(direction), state: { buffer } };
      }),
  };
}
