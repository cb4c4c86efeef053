/** Densities fitted to the training rows: what f is before a network learns, and what holds it down where there are no rows. */
export * from "./base-measure.js";
export { columnDensities } from "./column-densities.js";
export { quantiles } from "./columns.js";
export { compressed } from "./compressed.js";
export { coreOf } from "./core.js";
export { logDensities } from "./evaluate.js";
export { gaussianMixture, type MixtureOptions } from "./gaussian-mixture.js";
export { type LandmarkOptions, nearestLandmarks } from "./landmarks.js";
export { type PoolMembers, pool } from "./pool.js";
export { inPrincipalComponents } from "./principal.js";
