/** Soft targets for tables of few labels: `teach`; and the encoding of columns that it fits. */
export * from "./encoding.js";
export { ALPHAS, type Teaching, teach } from "./teach.js";
