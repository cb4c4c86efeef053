/** Adadelta (Zeiler 2012), as `torch.optim.Adadelta`. */
import * as g from "../../graph/index.js";
import { zerosTree } from "../../runtime/index.js";
import { decayed, type Optimizer, zip } from "./optimizer.js";

export interface AdadeltaOptions {
  /** Decay of both averages. Default 0.9. */
  readonly rho?: number;
  /** Default 1e-6. */
  readonly eps?: number;
  /** Default 0. */
  readonly weightDecay?: number;
}

/**
 * v ← ρ v + (1 - ρ) g², δ = √(u + ε) / √(v + ε) · g, u ← ρ u + (1 - ρ) δ², θ ← θ - lr δ.
 * State: `squareAverage` (v), `deltaAverage` (u).
 */
export function adadelta({ rho = 0.9, eps = 1e-6, weightDecay = 0 }: AdadeltaOptions = {}): Optimizer {
  const average = (old: g.Tensor, x: g.Tensor) => g.add(g.mul(old, rho), g.mul(g.square(x), 1 - rho));
  return {
    init: (params) => ({ squareAverage: zerosTree(params), deltaAverage: zerosTree(params) }),
    update: (params, gradients, state, lr) =>
      g.scope("adadelta", () => {
        const grads = decayed(gradients, params, weightDecay);
        const squareAverage = zip(average, state.squareAverage!, grads);
        const delta = zip(
          (grad, u, v) => g.mul(grad, g.sqrt(g.div(g.add(u, eps), g.add(v, eps)))),
          grads,
          state.deltaAverage,
          squareAverage,
        );
        const deltaAverage = zip(average, state.deltaAverage!, delta);
        const next = zip((p, d) => g.sub(p, g.mul(d, lr)), params, delta);
        return { params: next, state: { squareAverage, deltaAverage } };
      }),
  };
}
