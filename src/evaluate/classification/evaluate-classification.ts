/** Classification and calibration as an evaluation. */
import { type Chart, confusionMatrix, reliabilityDiagram } from "../../figures/index.js";
import type { SoftLabelScores } from "../../metrics/index.js";
import { integers } from "../../runtime/index.js";
import type { Evaluation, Subject } from "../evaluation.js";
import { refinementOf } from "../sgld-options.js";
import { percent, short, textTable } from "../table.js";
import type { ClassificationSettings } from "./about.js";
import { type ClassificationReport, type ClassifierMeasures, classify } from "./classification.js";
import { type PeopleReport, readPeople } from "./people.js";

/** Reasons why a classifier cannot be judged. */
export function noClassifier({ probe, data }: Pick<Subject, "probe" | "data">): string | null {
  if (probe.run.model.classes === null) return "the model was trained without classes";
  return data.split.y === null ? `${data.name} has no labels of the model's classes` : null;
}

export const classification: Evaluation<ClassificationSettings> = {
  objection: noClassifier,
  async run({ probe, data, validation, seed, onProgress }, { temperature, people, nSteps: steps, ...sgld }) {
    const said = people === null ? null : await readPeople(people, data, probe.run.model.classes!);
    const report = await classify(probe, data.split, {
      seed,
      calibrateOn: temperature ? validation : null,
      people: said,
      ...(steps > 0 && { refinement: refinementOf(steps, sgld) }),
      onProgress: (done, total) => onProgress("classification", done, total),
    });
    const after = steps > 0 ? `, after ${steps} ${steps === 1 ? "step" : "steps"} of SGLD` : "";
    return {
      title: `Classification of ${report.examples} examples of ${data.name}${after}`,
      table: [tableOf(report), ...(report.people === null ? [] : [peopleTable(report.people)])].join("\n\n"),
      json: report,
      notes: report.people !== null && report.people.accuracy < 0.5 ? [STRANGERS] : [],
      figures: figuresOf(report),
    };
  },
};

const MEASURES: readonly (readonly [label: string, show: (m: ClassifierMeasures) => string])[] = [
  ["accuracy", (m) => percent(m.accuracy)],
  ["loss: negative log-likelihood (nats)", (m) => short(m.nll)],
  ["AUROC", (m) => short(m.auroc)],
  ["Brier score", (m) => short(m.brier)],
  ["calibration error, 15 equal bins", (m) => percent(m.ece)],
  ["calibration error, 15 equal counts", (m) => percent(m.adaptiveEce)],
];

function tableOf({ measures, calibrated }: ClassificationReport): string {
  const heading = ["", "as trained", ...(calibrated === null ? [] : [`temperature ${short(calibrated.temperature)}`])];
  const all = [measures, ...(calibrated === null ? [] : [calibrated.measures])];
  return textTable([heading, ...MEASURES.map(([label, show]) => [label, ...all.map(show)])]);
}

/** People who rarely name the label were asked about other examples, or in another order. */
const STRANGERS =
  "people give less than half of their votes to the labels of the data: are the file's rows in the order of the test split?";

const SOFT: readonly (readonly [label: string, name: keyof SoftLabelScores])[] = [
  ["cross-entropy (nats)", "crossEntropy"],
  ["KL(people‖model) (nats)", "kl"],
  ["Brier score", "brier"],
  ["total variation", "totalVariation"],
];

function peopleTable({ least, measures, calibrated, accuracy }: PeopleReport): string {
  const heading = ["against people's labels", "as trained", ...(calibrated ? ["with temperature"] : []), "least"];
  const all = [measures, ...(calibrated ? [calibrated] : []), least];
  const rows = SOFT.map(([label, name]) => [label, ...all.map((scores) => short(scores[name]))]);
  return `${textTable([heading, ...rows])}\n\n  People give ${percent(accuracy)} of their votes to the labels of the data.`;
}

function figuresOf({ measures, calibrated, confusion, classes }: ClassificationReport): [string, Chart][] {
  const diagram = ({ bins, ece }: ClassifierMeasures, title: string) =>
    reliabilityDiagram(
      {
        confidence: bins.map((b) => b.confidence),
        accuracy: bins.map((b) => b.accuracy),
        counts: bins.map((b) => b.count),
        ece,
      },
      { title },
    );
  const k = classes.length;
  const after = calibrated && diagram(calibrated.measures, `Temperature ${short(calibrated.temperature)}`);
  return [
    ["confusion", confusionMatrix(integers(confusion.flat(), [k, k]), { classes })],
    ["reliability", diagram(measures, "As trained")],
    ...(after === null ? [] : [["reliability-calibrated", after] satisfies [string, Chart]]),
  ];
}
