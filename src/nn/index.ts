/** Layers, architectures, initialisers, optimisers and schedules: pure functions of parameter trees. */
export * from "./architectures/index.js";
export * from "./initializers.js";
export * from "./layers/index.js";
export {
  type Applied,
  branch,
  compose,
  type Dict,
  type Layer,
  type Mode,
  type Module,
  modeOf,
  sequential,
  stateless,
  type Variables,
  variable,
} from "./module.js";
export * from "./optimizers/index.js";
export * from "./schedules.js";
export * from "./state-dict.js";
export { runningStatistics, withStatistics } from "./statistics.js";
export * from "./summary.js";
