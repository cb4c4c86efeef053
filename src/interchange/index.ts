/** Checkpoints of the authors' PyTorch implementation, in and out. For Node. */
export { readArgs } from "./args.js";
export { InterchangeError } from "./error.js";
export { type Exported, exportForPyTorch, type PyTorchFormat } from "./export.js";
export { type Imported, type ImportOptions, importCheckpoint } from "./import.js";
export { isTorch, type Opened, openModel } from "./open.js";
export { type OriginalCheckpoint, readOriginal } from "./original.js";
export { readTorch, type TorchValue } from "./torch/read.js";
export { TorchTensor } from "./torch/tensor.js";
export { writeTorch } from "./torch/write.js";
