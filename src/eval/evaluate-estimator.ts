/** The study of entropy-gradient estimators as an evaluation: of the run's data, not of its networks. */
import { loadData } from "../train/source.js";
import { studyEstimators } from "./estimator-study.js";
import type { Evaluation } from "./evaluation.js";
import { someRows } from "./likelihood.js";
import { estimatorFigures } from "./sample-figures.js";
import { textTable } from "./table.js";

/** Rows that probabilistic PCA is fitted to, at most. */
const ROWS = 10_000;

export const estimator: Evaluation = {
  summary: "bias and variance of the entropy-gradient estimators on a linear generator fitted to the run's data",
  objection: ({ probe, data }) =>
    data.split.x([0]).size > probe.run.config.noiseDim
      ? null
      : "the linear generator needs fewer latent dimensions than the data have",
  async run({ probe, settings, onProgress }) {
    const { config } = probe.run;
    const dataset = await loadData(config);
    const study = await studyEstimators(someRows(dataset.splits.train, ROWS), {
      latentDim: config.noiseDim,
      seed: settings.seed,
      onProgress: (done, total) => onProgress("estimators", done, total),
    });
    const share = (x: number) => x.toFixed(4);
    return {
      title: `Entropy-gradient estimators against the exact score of probabilistic PCA on ${dataset.name}: ${study.latentDim} latent dimensions, σ = ${study.sigma.toFixed(3)}; parts of the score's length`,
      table: textTable([
        ["estimator", "samples", "evaluations", "bias", "deviation", "error"],
        ...study.scores.map((s) => [
          s.name,
          String(s.samples),
          String(s.evaluations),
          s.bias < s.resolution / 2 ? `< ${share(s.resolution / 2)}` : share(s.bias),
          share(s.deviation),
          share(s.error),
        ]),
      ]),
      json: study,
      figures: estimatorFigures(study),
    };
  },
};
