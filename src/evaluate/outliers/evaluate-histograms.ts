/** Scores of data sets side by side as an evaluation: where each lies, with no set in the others' place. */
import { histograms as drawHistograms } from "../../figures/index.js";
import type { Inputs } from "../../score/inputs.js";
import type { Evaluation } from "../evaluation.js";
import { short, textTable } from "../table.js";
import { noScores, prepareScores } from "./prepare-scores.js";
import { SCORES, scoresOf } from "./scores.js";

/** Quantiles that are told of a score. */
const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

interface Summary {
  readonly mean: number;
  /** In the order of {@link QUANTILES}. */
  readonly quantiles: readonly number[];
}

export const histograms: Evaluation = {
  summary: "scores of the data and of other sets as histograms, with means and quantiles",
  objection: ({ probe, own, settings }) => noScores(probe, own, settings.scores),
  async run({ probe, data, own, find, settings, onProgress }) {
    const { against, refineSteps, refinement, seed } = settings;
    const prepared = await prepareScores(probe, own, settings.scores, seed, (done, total) =>
      onProgress("features of training rows", done, total),
    );
    const { scores: names, gaussians, notes } = prepared;
    const sets: Inputs[] = [data];
    for (const name of against) {
      const set = await find(name);
      sets.push(sets.some((other) => other.name === set.name) ? { ...set, name } : set); // files of one name from different folders
    }
    const scored: { readonly name: string; readonly scores: Readonly<Record<string, Float32Array>> }[] = [];
    for (const { name, split } of sets) {
      const options = { refinement: { ...refinement, steps: refineSteps }, gaussians };
      const progress = (done: number, total: number) => onProgress(`scoring ${name}`, done, total);
      scored.push({ name, scores: await scoresOf(probe, split, names, { ...options, onProgress: progress }) });
    }
    const rows = scored.flatMap(({ name, scores }) =>
      names.map((score) => ({ set: name, score, examples: scores[score]!.length, ...summary(scores[score]!) })),
    );
    return {
      title: `Scores of ${sets.map(({ name }) => name).join(", ")}`,
      table: textTable([
        ["set", "score", "mean", ...QUANTILES.map((q) => `${100 * q} %`)],
        ...rows.map(({ set, examples, score, mean, quantiles }, i) => [
          i % names.length === 0 ? `${set} (${examples})` : "",
          score,
          ...[mean, ...quantiles].map(short),
        ]),
      ]),
      json: { quantiles: QUANTILES, sets: rows },
      notes,
      figures: names.map((score) => [
        `histogram-${score}`,
        drawHistograms(
          scored.map(({ name, scores }) => ({ name, values: scores[score]! })),
          { xLabel: `${score}: ${SCORES[score]}`, yLabel: "density" },
        ),
      ]),
    };
  },
};

function summary(values: Float32Array): Summary {
  const sorted = Float64Array.from(values).sort();
  const quantiles = QUANTILES.map((q) => sorted[Math.round(q * (sorted.length - 1))]!);
  return { mean: sorted.reduce((a, b) => a + b, 0) / sorted.length, quantiles };
}
