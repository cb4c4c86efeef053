/** Detection of what is out of distribution, the scores behind it, and odd rows of tables, as `vera eval` offers them. */
import { describeEvaluation } from "../evaluation.js";
import { DETECTION, type DetectionSettings, OPTIONS, scoresAsked } from "./detection-options.js";

const shared = {
  group: { title: "Detection of what is out of distribution (ood, outliers)", options: DETECTION },
  options: OPTIONS,
  check: (settings: DetectionSettings) => void scoresAsked(settings),
};

export const ood = describeEvaluation({
  ...shared,
  name: "ood",
  summary: "detection of what is out of distribution: AUROC, AUPR, FPR at 95 % TPR; histograms and ROC curves",
  beside: ({ baseline }) => baseline,
  load: async () => (await import("./evaluate-ood.js")).ood,
});

export const histograms = describeEvaluation({
  ...shared,
  name: "histograms",
  summary: "scores of the data and of other sets side by side, as histograms",
  load: async () => (await import("./evaluate-histograms.js")).histograms,
});

export const outliers = describeEvaluation({
  ...shared,
  name: "outliers",
  summary: "tables: f against odd rows, beside Mahalanobis' distance and nearest neighbours",
  load: async () => (await import("./evaluate-outliers.js")).outliers,
});
