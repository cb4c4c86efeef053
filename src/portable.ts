/** What runs everywhere: re-exported by the entry points for Node (`index.ts`) and for web pages (`web.ts`). */

export * as data from "./data/web.js";
export * as ebm from "./ebm/index.js";
export { ExportError } from "./export/error.js";
export {
  type ColumnTensor,
  type ModelMetadata,
  type PublishedColumn,
  type PublishedTable,
  type PublishedValues,
  readMetadata,
} from "./export/metadata.js";
export { tableInputs } from "./export/rows.js";
export * from "./graph/index.js";
export * as metrics from "./metrics/index.js";
export * as nn from "./nn/index.js";
export * from "./runtime/index.js";
export * as samplers from "./samplers/index.js";
export * as train from "./train/index.js";
