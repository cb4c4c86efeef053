export { acrossRanks } from "./across.js";
export * from "./adadelta.js";
export * from "./adam.js";
export * from "./adamw.js";
export * from "./by-part.js";
export * from "./ema.js";
export type { Optimizer, OptimizerState } from "./optimizer.js";
export * from "./sgd.js";
