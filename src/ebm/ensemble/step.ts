/** One iteration of an ensemble's training: cross-entropy of every member, AdamW, a running average of the weights. */
import * as g from "../../graph/index.js";
import { adamW, applyEnsemble, type Dict, ema, type OptimizerState } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";

/** What an iteration changes. */
export type EnsembleState<L> = {
  readonly params: Dict<L>;
  readonly average: Dict<L>;
  readonly optimizer: OptimizerState<L>;
};

/** What an iteration is given. */
export type EnsembleInputs<L> = {
  /** Of each group `[G, B]` (i32). */
  readonly rows: L;
  readonly masks: Dict<L>;
  readonly rate: L;
  /** Of the running average. */
  readonly decay: L;
};

/** The same in all iterations. */
export type EnsembleData<L> = {
  /** Encoded rows `[N, W]`. */
  readonly x: L;
  /** Classes `[N]` (i32), or a probability for each `[N, C]`. */
  readonly targets: L;
};

export interface EnsembleStep {
  init(params: Dict<NdArray>): EnsembleState<NdArray>;
  run(
    state: EnsembleState<g.Tensor>,
    inputs: EnsembleInputs<g.Tensor>,
    data: EnsembleData<g.Tensor>,
  ): [EnsembleState<g.Tensor>, { readonly loss: g.Tensor }];
}

/** @param weightDecay of the matrices; members' own scales and shifts do not decay. */
export function ensembleStep(classes: number, weightDecay: number): EnsembleStep {
  const optimizer = adamW({ beta1: 0.9, beta2: 0.99, weightDecay, decays: (path) => path.startsWith("matrices") });
  return {
    init: (params) => ({ params, average: params, optimizer: optimizer.init(params) }),
    run({ params, average, optimizer: memory }, { rows, masks, rate, decay }, { x, targets }) {
      const drawn = g.gather(targets, rows);
      const wanted = targets.dtype === "i32" ? g.oneHot(drawn, classes) : drawn; // [G, B, C]
      const loss = (p: Dict<g.Tensor>) => {
        const logits = applyEnsemble(p, g.gather(x, rows), masks);
        const [, members, batch] = logits.shape as [number, number, number];
        const each = g.mul(g.expandDims(wanted, 1), g.logSoftmax(logits, -1));
        return g.mul(g.sum(each), -1 / (members * batch)); // summed over groups: each learns by itself
      };
      const [value, gradient] = g.valueAndGrad(loss)(params);
      const next = optimizer.update(params, gradient as Dict<g.Tensor>, memory, rate);
      const state = {
        params: next.params,
        average: ema(average as g.TensorTree, next.params as g.TensorTree, decay) as Dict<g.Tensor>,
        optimizer: next.state,
      };
      return [state, { loss: g.div(value, rows.shape[0]!) }];
    },
  };
}
