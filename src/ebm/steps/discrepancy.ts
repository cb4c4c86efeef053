/** Training by energy discrepancy, with or without labels. */
import type * as g from "../../graph/index.js";
import type { Dict, Optimizer } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import type { EnergyModel } from "../energy-model.js";
import { type DiscrepancyOptions, energyDiscrepancy } from "../objectives/energy-discrepancy.js";
import { type EnergyWeights, energyStep, type PassMasks, training } from "./energy-step.js";
import { child, type TrainingStep } from "./step.js";
import { passMasks } from "./vera.js";

export interface DiscrepancyStepOptions extends DiscrepancyOptions {
  readonly model: EnergyModel;
  readonly optimizer: Optimizer;
  /** `density` weighs the discrepancy. */
  readonly weights: EnergyWeights;
  readonly semiSupervised?: boolean;
}

export const discrepancyStep = ({
  model,
  optimizer,
  weights,
  semiSupervised = false,
  ...options
}: DiscrepancyStepOptions): TrainingStep => {
  const discrepancy = energyDiscrepancy(options);
  return {
    init(rng) {
      const energy = model.init(rng.fork());
      return { energy: { ...energy, optimizer: optimizer.init(energy.params) as Dict<NdArray> } };
    },
    noise: (batch, rng) => ({
      discrepancy: discrepancy.noise(batch, rng),
      masks: passMasks(model, batch, rng, { labeled: semiSupervised }),
    }),
    run({ energy }, batch, noise, rates) {
      const masks = child<PassMasks>(noise, "masks");
      const term = (params: Dict<g.Tensor>) => {
        const variables = { params, state: energy.state };
        const logDensity = (x: g.Tensor) => model.evaluate(variables, x, training(masks.data)).logDensity;
        return { name: "loss_discrepancy", value: discrepancy.loss(logDensity, batch.x, child(noise, "discrepancy")) };
      };
      const { energy: next, metrics } = energyStep(
        { model, optimizer, weights },
        { energy, batch, masks, rate: rates.energy },
        {
          extra: [[weights.density, term]],
        },
      );
      return [{ energy: next }, { metrics }];
    },
  };
};
