/** All of `index.ts`, and the primitives behind the operations: for what tells nodes of a graph apart, to lower or to test them. */
export * from "./index.js";
export * from "./primitives/across.js";
export * from "./primitives/broadcast.js";
export * from "./primitives/conv.js";
export * from "./primitives/elementwise.js";
export * from "./primitives/indexing.js";
export * from "./primitives/matmul.js";
export * from "./primitives/movement.js";
export * from "./primitives/pool.js";
export * from "./primitives/reduce.js";
export * from "./tensor.js";
