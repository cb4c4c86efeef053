/** Detection of what is out of distribution as an evaluation. */
import { type Chart, histograms, rocCurves } from "../../figures/index.js";
import * as m from "../../metrics/index.js";
import type { Inputs } from "../../score/inputs.js";
import type { Evaluation, EvaluationContext, Subject } from "../evaluation.js";
import { refinementOf } from "../sgld-options.js";
import { refuseCount } from "../sizes.js";
import { textTable } from "../table.js";
import { type DetectionSettings, scoresAsked } from "./detection-options.js";
import { detectOutliers, type Estimate, type OodReport, type ScoreTable } from "./ood.js";
import { noScores, prepareScores } from "./prepare-scores.js";
import { SCORES, type ScoreName } from "./scores.js";

const MEASURES = [
  ["auroc", "AUROC"],
  ["auprIn", "AUPR in"],
  ["auprOut", "AUPR out"],
  ["fpr95", "FPR at 95 % TPR"],
] as const;

export const ood: Evaluation<DetectionSettings> = {
  objection({ probe, data, own }, settings) {
    if (data.split.size < 2) return `${data.name} has fewer than two examples`;
    if (settings.against.length === 0) return "there is nothing to tell it from: name something with --against";
    return noScores(probe, own, scoresAsked(settings));
  },
  async run({ probe, data, own, find, baseline, seed, onProgress }, settings) {
    refuseCount("--bootstrap", settings.bootstrap, { numbers: MEASURES.length * 2, largest: 1 }); // in double precision
    const stage =
      (whose: string): OnStage =>
      (what, done, total) =>
        onProgress(`${what}${whose}`, done, total);
    const found = await detection({ probe, data, own, find }, settings, seed, stage(""));
    const beside = baseline && (await detection(baseline, settings, seed, stage(" by the baseline")));
    const learned = data.own && probe.run.config.mode === "base-only" ? [LEARNED] : [];
    const { checkpoint, folder } = baseline?.probe.run ?? {};
    return {
      title: `Detection of what is not ${data.name} (${found.report.examples} examples), with 95 % intervals${beside ? `; baseline: ${folder ?? checkpoint}` : ""}`,
      table: tableOf(found, beside),
      json: { ...found.report, ...(beside && { baseline: beside.report }) },
      notes: [...learned, ...found.notes, ...(beside?.notes.map((note) => `baseline: ${note}`) ?? [])],
      figures: [...figuresOf("ood", found), ...(beside ? figuresOf("ood-baseline", beside) : [])],
    };
  },
};

interface Detected {
  readonly scores: readonly ScoreName[];
  readonly report: OodReport;
  readonly table: ScoreTable;
  readonly notes: readonly string[];
}

type OnStage = EvaluationContext["onProgress"];

/** The data against each of the sets that the settings name, by the scores that the model has. */
async function detection(
  { probe, data, own, find }: Subject,
  { against, refineSteps, bootstrap: resamples, ...settings }: DetectionSettings,
  seed: number,
  onProgress: OnStage,
): Promise<Detected> {
  const sets: Inputs[] = [];
  for (const name of against) {
    const set = await find(name);
    // Files of the same name from different folders.
    sets.push(sets.some((other) => other.name === set.name) ? { ...set, name } : set);
  }
  const { scores, gaussians, notes } = await prepareScores(probe, own, scoresAsked(settings), seed, (done, total) =>
    onProgress("features of training rows", done, total),
  );
  const detected = await detectOutliers(probe, data, sets, {
    scores,
    gaussians,
    refinement: refinementOf(refineSteps, settings),
    resamples,
    seed,
    onProgress: (set, done, total) => onProgress(`scoring ${set}`, done, total),
  });
  return { ...detected, scores, notes };
}

const LEARNED =
  "the base measure was fitted to all rows, these among them; --what outliers judges the same fitted to the training rows alone";

function tableOf(found: Detected, beside: Detected | null): string {
  const show = ({ value, low, high }: Estimate) => `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`;
  const model = (name: string): string[] => (beside === null ? [] : [name]);
  const rows = found.report.against.flatMap(({ name, examples }, at) =>
    [{ of: "run", ...found }, ...(beside ? [{ of: "baseline", ...beside }] : [])].flatMap(({ of, scores, report }, r) =>
      scores.map((score, i) => [
        r === 0 && i === 0 ? `${name} (${examples})` : "",
        ...model(i === 0 ? of : ""),
        score,
        ...MEASURES.map(([measure]) => show(report.against[at]!.scores[score]![measure])),
      ]),
    ),
  );
  return textTable([["against", ...model("model"), "score", ...MEASURES.map(([, label]) => label)], ...rows]);
}

function figuresOf(prefix: string, { report: { against }, table, scores }: Detected): [string, Chart][] {
  const [own, ...others] = [...table.entries()].map(([name, values]) => ({ name, values }));
  return scores.flatMap((score): [string, Chart][] => {
    const samples = [...table].map(([name, values]) => ({ name, values: values[score]! }));
    const curves = others.map(({ name, values }) => ({
      name,
      ...new m.Ranking(own!.values[score]!, values[score]!).roc(),
      auroc: against.find((set) => set.name === name)!.scores[score]!.auroc.value,
    }));
    return [
      [`${prefix}-${score}`, histograms(samples, { xLabel: `${score}: ${SCORES[score]}`, yLabel: "density" })],
      [`${prefix}-roc-${score}`, rocCurves(curves, { title: `${own!.name} against others by ${score}` })],
    ];
  });
}
