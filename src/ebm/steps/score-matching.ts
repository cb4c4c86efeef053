/** Training by sliced score matching alone, for any density: neither samples nor log Z. */
import type * as g from "../../graph/index.js";
import type { Dict, Optimizer } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import { child } from "../child.js";
import type { EnergyModel } from "../energy-model.js";
import { slicedScoreMatching } from "../objectives/score-matching.js";
import { DENSITY_ONLY, energyStep, type PassMasks, training } from "./energy-step.js";
import type { TrainingStep } from "./step.js";
import { passMasks } from "./vera.js";

export interface ScoreMatchingOptions {
  /** Twice differentiable: a network whose slopes jump (ReLU) has no curvature to match. */
  readonly model: EnergyModel;
  readonly optimizer: Optimizer;
  /** Shape of one example. */
  readonly event: g.Shape;
}

export const scoreMatchingStep = ({ model, optimizer, event }: ScoreMatchingOptions): TrainingStep => ({
  init(rng) {
    const energy = model.init(rng.fork());
    return { energy: { ...energy, optimizer: optimizer.init(energy.params) as Dict<NdArray> } };
  },
  noise: (batch, rng) => ({ epsilon: rng.normal([batch, ...event]), masks: passMasks(model, batch, rng, {}) }),
  run({ energy }, batch, noise, rates) {
    const masks = child<PassMasks>(noise, "masks");
    const term = (params: Dict<g.Tensor>) => {
      const logDensity = (x: g.Tensor) =>
        model.evaluate({ params, state: energy.state }, x, training(masks.data)).logDensity;
      return { name: "loss_ssm", value: slicedScoreMatching(logDensity, batch.x, child(noise, "epsilon")) };
    };
    const { energy: next, metrics } = energyStep(
      { model, optimizer, weights: { ...DENSITY_ONLY, density: 0 } },
      { energy, batch, masks, rate: rates.energy },
      { extra: [[1, term]] },
    );
    return [{ energy: next }, { metrics }];
  },
});
