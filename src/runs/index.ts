/** Training runs: configuration, loop, checkpoints, metrics, figures. For Node. */

export { FileError } from "../files/index.js";
export { DivergenceError } from "../train/divergence.js";
export { Evaluator } from "../train/evaluator.js";
export { type Snapshot, Trainer, type TrainerOptions } from "../train/trainer.js";
export * from "./config/index.js";
export { describe } from "./describe.js";
export { CheckpointError, loadCheckpoint, readCheckpoint, saveCheckpoint } from "./folder/checkpoint.js";
export { type MetricsLine, readMetrics } from "./folder/metrics-file.js";
export { type FolderUse, isOwn } from "./folder/run-files.js";
export { RunFolder } from "./folder/run-folder.js";
export { type DataInfo, type RunInfo, savedConfig } from "./folder/run-info.js";
export { loadRun } from "./load-run.js";
export { type Algorithm, algorithm } from "./setup/algorithm.js";
export { train } from "./train.js";
export { keptAt, type TrainedRun } from "./trained-run.js";
