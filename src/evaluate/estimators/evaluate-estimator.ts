/** The study of entropy-gradient estimators as an evaluation: of data, not of the run's networks. */
import { type Dataset, loadDataset } from "../../data/index.js";
import { sizeOf } from "../../graph/index.js";
import { ConfigError } from "../../runs/config/index.js";
import { streams } from "../../runtime/index.js";
import { someRows } from "../../score/inputs.js";
import type { Evaluation, EvaluationContext } from "../evaluation.js";
import { refuseCount } from "../sizes.js";
import { textTable } from "../table.js";
import type { EstimatorSettings } from "./about.js";
import { estimatorFigures } from "./estimator-figures.js";
import { PAIRS, studyEstimators } from "./estimator-study.js";

/** Rows that probabilistic PCA is fitted to, at most. */
const ROWS = 10_000;
/** Of HMC no more samples are studied: each costs eleven evaluations of the generator. */
const HMC_SAMPLES = 20;

export const estimator: Evaluation<EstimatorSettings> = {
  objection: ({ own }, { estimatorData }) =>
    own === null && estimatorData === null
      ? "it needs the run's own data, or a data set named with --estimator-data"
      : null,
  async run({ probe, own, seed, limit, dataRoot, onProgress }, settings) {
    const { posteriorSamples, repetitions } = settings;
    const { splits, shape, name } = await studied({ probe, own, dataRoot }, settings);
    const dim = sizeOf(shape);
    const latentDim = settings.latentDim ?? Math.min(probe.run.config.noiseDim, dim - 1);
    if (latentDim >= dim)
      throw new ConfigError(
        `--latent-dim ${latentDim}: ${name} has ${dim} dimensions, and its linear generator needs fewer`,
      );
    const most = Math.max(...posteriorSamples);
    refuseCount("--posterior-samples", most, { numbers: PAIRS * (latentDim + dim), largest: PAIRS * dim });
    const rows = Math.min(ROWS, limit ?? ROWS);
    const rng = streams(seed).for("rows that the estimators' generator is fitted to");
    const study = await studyEstimators(someRows(splits.train, rows, rng), {
      latentDim,
      seed,
      variationalSamples: posteriorSamples,
      hmcSamples: posteriorSamples.filter((n) => n <= HMC_SAMPLES),
      repetitions,
      onProgress: (done, total) => onProgress("estimators", done, total),
    });
    const share = (x: number) => x.toFixed(4);
    return {
      title: `Entropy-gradient estimators against the exact score of probabilistic PCA on ${name}: ${study.latentDim} latent dimensions, σ = ${study.sigma.toFixed(3)}; parts of the score's length`,
      table: textTable([
        ["estimator", "samples or steps", "evaluations", "bias", "deviation", "error"],
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

/** A data set by name, prepared as the run's images are but in its own size, or the run's own data. */
async function studied(
  { probe, own, dataRoot }: Pick<EvaluationContext, "probe" | "own" | "dataRoot">,
  { estimatorData }: EstimatorSettings,
): Promise<Dataset> {
  if (estimatorData === null) return own!;
  const { config } = probe.run;
  const root = dataRoot ?? config.dataRoot;
  return loadDataset(estimatorData, { scaling: config.scaling, ...(root !== null && { root }) });
}
