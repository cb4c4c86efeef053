/** Entry point on Node. Importing it makes the native engine the default. */
import { setDefaultEngine } from "./runtime/engine.js";
import { nodeEngine } from "./runtime/engine-node.js";

setDefaultEngine(nodeEngine());

export * as data from "./data/index.js";
export * as evaluation from "./evaluate/index.js";
export { exportOnnx, type OnnxOptions } from "./export/index.js";
export * from "./portable.js";
export * as train from "./runs/index.js";
export { type NodeEngineOptions, type NodeProvider, nodeEngine, onEngine } from "./runtime/engine-node.js";
export * as tables from "./tables/index.js";
