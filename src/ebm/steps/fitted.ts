/** Models that are done when they are fitted: a training step without anything to train. */
import type { EnergyModel } from "../energy-model.js";
import type { TrainingStep } from "./step.js";

export const fittedStep = (model: EnergyModel): TrainingStep => ({
  init: (rng) => ({ energy: { ...model.init(rng), optimizer: {} } }),
  noise: () => ({}),
  run: (state) => [state, { metrics: {} }],
});
