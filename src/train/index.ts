/** Training runs: configuration, loop, checkpoints, metrics, figures. For Node. */

export { FileError } from "../files/index.js";
export { type Algorithm, algorithm } from "./algorithm.js";
export { CheckpointError, loadCheckpoint, readCheckpoint, saveCheckpoint } from "./checkpoint.js";
export * from "./config/index.js";
export { describe } from "./describe.js";
export { DivergenceError } from "./divergence.js";
export { Evaluator } from "./evaluator.js";
export { loadRun, type TrainedRun } from "./load-run.js";
export { type MetricsLine, readMetrics } from "./metrics-file.js";
export { type FolderUse, isOwn } from "./run-files.js";
export { RunFolder } from "./run-folder.js";
export type { DataInfo, RunInfo } from "./run-info.js";
export { train } from "./train.js";
export { type Snapshot, Trainer, type TrainerOptions } from "./trainer.js";
