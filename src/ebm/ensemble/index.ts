/** A classifier of tables: an encoding of columns, and an ensemble of small networks fitted to encoded rows. */
export { type FittedClassifier, fittedClassifier } from "./classifier.js";
export { type Categories, type ColumnEncoding, fitEncoding } from "./columns.js";
export { encodeMatrix, encodeRows, encodingBuffers } from "./encoding.js";
export {
  batchOf,
  type EnsembleGroup,
  type EnsembleTask,
  type FitHooks,
  type FitProgress,
  type FittedEnsemble,
  fitEnsemble,
  type GroupPredictions,
} from "./fit.js";
export { groupPredictions } from "./prediction.js";
export { ensembleStep } from "./step.js";
