/** Detection of what is out of distribution as an evaluation. */
import { histograms, rocCurves } from "../figures/index.js";
import * as m from "../metrics/index.js";
import type { Evaluation } from "./evaluation.js";
import type { Inputs } from "./inputs.js";
import { detectOutliers, type Estimate, type OodReport, type ScoreTable } from "./ood.js";
import { SCORES, type ScoreName } from "./scores.js";
import { refuseCount } from "./sizes.js";
import { textTable } from "./table.js";

const MEASURES = [
  ["auroc", "AUROC"],
  ["auprIn", "AUPR in"],
  ["auprOut", "AUPR out"],
  ["fpr95", "FPR at 95 % TPR"],
] as const;

export const ood: Evaluation = {
  summary: "telling the data from other sets by px, py, pxgrad and the refinement scores, with intervals",
  objection: ({ data }) => (data.split.size < 2 ? `${data.name} has fewer than two examples` : null),
  async run({ probe, data, find, settings, onProgress }) {
    const { against, refineSteps, refinement, resamples, seed } = settings;
    refuseCount("--bootstrap", resamples, { numbers: MEASURES.length * 2, largest: 1 }); // in double precision
    const scores = settings.scores.filter((name) => name !== "py" || probe.run.model.classes !== null);
    const sets: Inputs[] = [];
    for (const name of against) {
      const set = await find(name);
      // Files of the same name from different folders.
      sets.push(sets.some((other) => other.name === set.name) ? { ...set, name } : set);
    }
    const { report, table } = await detectOutliers(probe, data, sets, {
      scores,
      refinement: { ...refinement, steps: refineSteps },
      resamples,
      seed,
      onProgress: (set, done, total) => onProgress(`scoring ${set}`, done, total),
    });
    return {
      title: `Detection of what is not ${data.name} (${report.examples} examples), with 95 % intervals`,
      table: tableOf(report, scores),
      json: report,
      notes: data.own && probe.run.config.mode === "base-only" ? [LEARNED] : [],
      figures: figuresOf(report, table, scores),
    };
  },
};

const LEARNED =
  "the base measure was fitted to all rows, these among them; --what outliers judges the same fitted to the training rows alone";

function tableOf({ against }: OodReport, scores: readonly ScoreName[]): string {
  const show = ({ value, low, high }: Estimate) => `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`;
  const heading = ["against", "score", ...MEASURES.map(([, label]) => label)];
  const rows = against.flatMap((set) =>
    scores.map((score, i) => [
      i === 0 ? `${set.name} (${set.examples})` : "",
      score,
      ...MEASURES.map(([name]) => show(set.scores[score]![name])),
    ]),
  );
  return textTable([heading, ...rows]);
}

function figuresOf({ against }: OodReport, table: ScoreTable, scores: readonly ScoreName[]): [string, string][] {
  const [own, ...others] = [...table.entries()].map(([name, values]) => ({ name, values }));
  return scores.flatMap((score): [string, string][] => {
    const samples = [...table].map(([name, values]) => ({ name, values: values[score]! }));
    const curves = others.map(({ name, values }) => ({
      name,
      ...new m.Ranking(own!.values[score]!, values[score]!).roc(),
      auroc: against.find((set) => set.name === name)!.scores[score]!.auroc.value,
    }));
    return [
      [`ood-${score}`, histograms(samples, { xLabel: `${score}: ${SCORES[score]}`, yLabel: "density" })],
      [`ood-roc-${score}`, rocCurves(curves, { title: `${own!.name} against others by ${score}` })],
    ];
  });
}
