/** Trained models for other runtimes. For Node. */
export { DynamicBatchError } from "./dynamic-batch.js";
export { ExportError } from "./error.js";
export {
  type ColumnTensor,
  type ModelMetadata,
  type PublishedColumn,
  type PublishedTable,
  type PublishedValues,
  readMetadata,
} from "./metadata.js";
export { exportOnnx, type OnnxOptions } from "./onnx.js";
export { tableInputs } from "./rows.js";
