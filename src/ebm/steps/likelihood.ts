/** Training a tractable model on data alone: maximum likelihood, or sliced score matching. */
import * as g from "../../graph/index.js";
import type { Dict, Optimizer } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import type { TractableModel } from "../models/tractable.js";
import { slicedScoreMatching } from "../objectives/score-matching.js";
import { child, type TrainingStep } from "./step.js";

export interface LikelihoodOptions {
  readonly model: TractableModel;
  readonly optimizer: Optimizer;
  /** The model's likelihood, or the score alone, which needs no normalisation. */
  readonly objective: "maximum-likelihood" | "ssm";
  /** Shape of one example. */
  readonly event: g.Shape;
}

export const likelihoodStep = ({ model, optimizer, objective, event }: LikelihoodOptions): TrainingStep => ({
  init(rng) {
    const energy = model.init(rng.fork());
    return { energy: { ...energy, optimizer: optimizer.init(energy.params) as Dict<NdArray> } };
  },
  noise: (batch, rng) => (objective === "ssm" ? { epsilon: rng.normal([batch, ...event]) } : {}),
  run({ energy }, { x }, noise, rates) {
    const loss = (params: Dict<g.Tensor>): [g.Tensor, Record<string, g.Tensor>] => {
      const logDensity = (t: g.Tensor) =>
        model.evaluate({ params, state: energy.state }, t, { mode: "train" }).logDensity;
      const nll = g.neg(g.mean(logDensity(x)));
      if (objective === "maximum-likelihood") return [nll, { loss_energy: nll, nll_batch: nll }];
      const ssm = slicedScoreMatching(logDensity, x, child(noise, "epsilon"));
      return [ssm, { loss_energy: ssm, nll_batch: nll }];
    };
    const [, gradient, metrics] = g.valueAndGradWithAux(loss)(energy.params);
    const next = optimizer.update(energy.params, gradient, energy.optimizer, rates.energy);
    return [{ energy: { params: next.params, state: energy.state, optimizer: next.state } }, { metrics }];
  },
});
