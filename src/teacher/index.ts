/** Soft targets for tables of few labels. */
export { stratifiedFolds } from "./cross-fit.js";
export { ALPHAS, type Teaching, teach } from "./teach.js";
