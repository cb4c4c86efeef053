/** Training, without a folder that it leaves: in Node and in web pages. `runs/` keeps runs on disk. */
export { DivergenceError } from "./divergence.js";
export { Evaluator, type Predictions } from "./evaluator.js";
export { type LearningRates, type MetricTraces, type Snapshot, Trainer, type TrainerOptions } from "./trainer.js";
