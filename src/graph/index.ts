/** Symbolic tensors, operations on them, and derivatives of any order. The primitives behind the operations are for what lowers and rewrites graphs (internal.ts). */
export * from "./grad.js";
export { allMean, batchSharers, varianceAcross, withSharedBatch } from "./primitives/across.js";
export { type Axes, broadcastTo, type ReduceAttrs, sum, sumTo } from "./primitives/broadcast.js";
export {
  type ConvAttrs,
  type ConvOptions,
  checkPair,
  conv2d,
  convSize,
  convTranspose2d,
  type Pair,
  pair,
  pairOf,
} from "./primitives/conv.js";
export {
  abs,
  add,
  cast,
  clamp,
  cos,
  div,
  equal,
  exp,
  greater,
  greaterEqual,
  identity,
  leakyRelu,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  relu,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from "./primitives/elementwise.js";
export { arange, gather, oneHot, scatterAdd } from "./primitives/indexing.js";
export { type MatmulAttrs, matmul } from "./primitives/matmul.js";
export {
  concat,
  expandDims,
  flatten,
  flip,
  matrixTranspose,
  type PlaceAttrs,
  place,
  type Range,
  reshape,
  type SliceAttrs,
  slice,
  squeeze,
  stack,
  transpose,
} from "./primitives/movement.js";
export { type PadMode, pad } from "./primitives/pad.js";
export { avgPool2d, maxPool2d, type PoolOptions, upsampleNearest2d } from "./primitives/pool.js";
export { argmax, logSoftmax, logsumexp, max, mean, min, softmax } from "./primitives/reduce.js";
export { scope } from "./scope.js";
export { type Shape, ShapeError, sizeOf } from "./shape.js";
export {
  apply,
  asTensor,
  type ConstantAttrs,
  constant,
  type DType,
  type InputAttrs,
  input,
  type Primitive,
  scalarValue,
  Tensor,
  type TensorLike,
  type TensorType,
  type TypedArray,
} from "./tensor.js";
export * from "./tree.js";
