export * from "./batch-norm.js";
export * from "./conv.js";
export * from "./dropout.js";
export * from "./group-norm.js";
export * from "./linear.js";
export * from "./weight-norm.js";
