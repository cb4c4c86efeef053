/** Evaluations of trained runs, and of any log-density where none is needed. For Node. */
export { type AisEstimate, type AisOptions, type AisResult, annealedImportance } from "./ais.js";
export { type AttackOptions, type AttackReport, attack } from "./attacks.js";
export { type Calibration, calibrationFor, thresholdAt } from "./calibration.js";
export { type ClassificationOptions, type ClassificationReport, classify } from "./classification.js";
export { type ClassSamples, type ConditionalOptions, conditionalSamples } from "./conditional.js";
export { type EstimatorStudy, type EstimatorStudyOptions, studyEstimators } from "./estimator-study.js";
export { frechetDistance } from "./frechet.js";
export { type Inputs, namedInputs, runData } from "./inputs.js";
export { evaluateLikelihood, type LikelihoodOptions, type LikelihoodResult } from "./likelihood.js";
export { evaluateModes, type ModeCountOptions, type ModeCountResult } from "./mode-count.js";
export { countModes, klDivergence, type ModeReport, reportModes } from "./modes.js";
export { detectOutliers, type OodOptions, type OodReport } from "./ood.js";
export { type PrecisionRecall, precisionRecall } from "./precision-recall.js";
export { Probe, type Refinement } from "./probe.js";
export { drawSamples, type RefineOptions, Refiner } from "./refine.js";
export { type Rejected, type Scored, type ScoreOptions, score } from "./score.js";
export { SCORE_NAMES, type ScoreName, scoresOf } from "./scores.js";
