/** Symbolic tensors, the primitives, and derivatives of any order. */
export * from "./grad.js";
export * from "./primitives/broadcast.js";
export * from "./primitives/conv.js";
export * from "./primitives/elementwise.js";
export * from "./primitives/indexing.js";
export * from "./primitives/matmul.js";
export * from "./primitives/movement.js";
export * from "./primitives/pad.js";
export * from "./primitives/pool.js";
export * from "./primitives/reduce.js";
export { scope } from "./scope.js";
export { type Shape, ShapeError, sizeOf } from "./shape.js";
export * from "./tensor.js";
export * from "./tree.js";
