/** Adam (Kingma & Ba 2015), with PyTorch's arithmetic (`torch.optim.Adam`, without AMSGrad). */
import * as g from "../../graph/index.js";
import { full, zerosTree } from "../../runtime/index.js";
import { decayed, type Optimizer, zip } from "./optimizer.js";

export interface AdamOptions {
  /** Decay of the first moment. 0 needs none: its tree `m` in the state is then empty. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** Added to √v. Default 1e-8. */
  readonly eps?: number;
  /** Default 0. */
  readonly weightDecay?: number;
}

/**
 * m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², θ ← θ - lr m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ).
 * State: `step` (t, a scalar), `m`, `v`.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 }: AdamOptions = {}): Optimizer {
  return {
    init: (params) => ({ step: full([], 0), m: beta1 === 0 ? {} : zerosTree(params), v: zerosTree(params) }),
    update: (params, gradients, state, lr) =>
      g.scope("adam", () => {
        const grads = decayed(gradients, params, weightDecay);
        const step = g.add(state.step as g.Tensor, 1);
        const v = zip((old, grad) => g.add(g.mul(old, beta2), g.mul(g.square(grad), 1 - beta2)), state.v!, grads);
        const m =
          beta1 === 0 ? grads : zip((old, grad) => g.add(g.mul(old, beta1), g.mul(grad, 1 - beta1)), state.m!, grads);
        // √v̂ + ε = (√v + ε √c₂) / √c₂ with c₂ = 1 - β₂ᵗ: both corrections in two scalars.
        const root2 = g.sqrt(biasCorrection(beta2, step));
        const rate = g.mul(lr, beta1 === 0 ? root2 : g.div(root2, biasCorrection(beta1, step)));
        const epsilon = g.mul(root2, eps);
        const next = zip(
          (p, first, second) => g.sub(p, g.div(g.mul(first, rate), g.add(g.sqrt(second), epsilon))),
          params,
          m,
          v,
        );
        return { params: next, state: { step, m: beta1 === 0 ? {} : m, v } };
      }),
  };
}

/** 1 - βᵗ, without cancellation where βᵗ is close to 1: with h = tanh(-½ t log β) it is 2 h / (1 + h). */
function biasCorrection(beta: number, step: g.Tensor): g.Tensor {
  const h = g.tanh(g.mul(step, -0.5 * Math.log(beta)));
  return g.div(g.mul(h, 2), g.add(h, 1));
}
