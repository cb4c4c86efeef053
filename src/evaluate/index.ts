/** Evaluations of trained runs, and of any log-density where none is needed. For Node. */

export { frechetDistance } from "../metrics/frechet.js";
export { surprise } from "../metrics/index.js";
export { type PrecisionRecall, precisionRecall } from "../metrics/precision-recall.js";
export { type Calibration, calibrationFor, thresholdAt } from "../score/calibration.js";
export { explain, type Reason } from "../score/explain.js";
export { type Inputs, namedInputs, runData } from "../score/inputs.js";
export { Probe, type Refinement } from "../score/probe.js";
export { referenceRows } from "../score/reference-rows.js";
export { type Rejected, type Scored, type ScoreOptions, score } from "../score/score.js";
export { type AttackOptions, type AttackReport, attack } from "./attacks/attacks.js";
export { type ClassificationOptions, type ClassificationReport, classify } from "./classification/classification.js";
export { type PeopleReport, readPeople } from "./classification/people.js";
export { type EstimatorStudy, type EstimatorStudyOptions, studyEstimators } from "./estimators/estimator-study.js";
export type { ChosenEvaluation, EvaluationContext, EvaluationEntry, EvaluationResult } from "./evaluation.js";
export { type AisEstimate, type AisOptions, type AisResult, annealedImportance } from "./likelihood/ais.js";
export { evaluateLikelihood, type LikelihoodOptions, type LikelihoodResult } from "./likelihood/likelihood.js";
export { evaluateModes, type ModeCountOptions, type ModeCountResult } from "./modes/mode-count.js";
export { countModes, klDivergence, type ModeReport, reportModes } from "./modes/modes.js";
export { ClassGaussians, classGaussians } from "./outliers/class-gaussians.js";
export { detectOutliers, type OodOptions, type OodReport } from "./outliers/ood.js";
export { SCORE_NAMES, type ScoreName, scoresOf } from "./outliers/scores.js";
export { EVALUATIONS } from "./registry.js";
export { type ClassSamples, type ConditionalOptions, conditionalSamples } from "./samples/conditional.js";
export { drawSamples, type RefineOptions, Refiner } from "./samples/refine.js";
