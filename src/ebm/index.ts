/** The method: energy-based models, the generator, entropy-gradient estimators, objectives, training steps. */

export * from "./base/index.js";
export * from "./based.js";
export { child } from "./child.js";
export * from "./energy-model.js";
export * from "./ensemble/index.js";
export * from "./estimators/estimator.js";
export * from "./estimators/hmc.js";
export * from "./estimators/variational.js";
export * from "./generator.js";
export * from "./models/mog.js";
export * from "./models/nice.js";
export * from "./models/tractable.js";
export * from "./objectives/consistency.js";
export * from "./objectives/energy.js";
export * from "./objectives/energy-discrepancy.js";
export * from "./objectives/outer-negatives.js";
export * from "./objectives/score-matching.js";
export * from "./objectives/vat.js";
export * from "./steps/classifier.js";
export * from "./steps/discrepancy.js";
export * from "./steps/energy-step.js";
export * from "./steps/fitted.js";
export * from "./steps/likelihood.js";
export * from "./steps/sgld.js";
export * from "./steps/step.js";
export * from "./steps/vera.js";
export { channelStatistics, fittedTypicality, type Looked, noTypicality } from "./typicality.js";
