/** Accuracy under attack as an evaluation. */
import { pixelEnds } from "../../data/index.js";
import { lineChart } from "../../figures/index.js";
import { streams } from "../../runtime/index.js";
import { limited } from "../../score/inputs.js";
import type { Probe } from "../../score/probe.js";
import { noClassifier } from "../classification/evaluate-classification.js";
import type { Evaluation } from "../evaluation.js";
import { refuseCount } from "../sizes.js";
import { percent, textTable } from "../table.js";
import { type AttackReport, attack, type Norm } from "./attacks.js";

const NAMES: Readonly<Record<Norm, string>> = { linf: "L∞", l2: "L2" };

export const attacks: Evaluation = {
  summary: "accuracy under PGD attacks in L2 and L∞ balls",
  objection: (context) =>
    noClassifier(context) ??
    (isLogit(context.probe)
      ? "radii have no meaning for logits of pixels, which stretch towards black and white"
      : null),
  async run({ probe, data, settings, onProgress }) {
    const { epsLinf, epsL2, attackSteps: steps, restarts, attackExamples, seed } = settings;
    refuseCount("--attack-steps", steps, { numbers: 4, largest: 1 }); // step sizes and margins
    const split = limited(data.split, attackExamples, streams(seed).for("rows that are attacked"));
    const reports: AttackReport[] = [];
    for (const [norm, radii] of [
      ["linf", epsLinf],
      ["l2", epsL2],
    ] as const) {
      if (radii.length === 0) continue;
      const onAttack = (done: number, total: number) => onProgress(`attacks in ${NAMES[norm]}`, done, total);
      reports.push(
        await attack(probe, split, { norm, radii, ...inputRange(probe), steps, restarts, seed, onProgress: onAttack }),
      );
    }
    const examples = reports[0]?.examples ?? 0;
    return {
      title: `Accuracy under attack of ${examples} examples of ${data.name}: ${restarts} starts of ${steps} steps, radii in ${unitOf(probe)}`,
      table: reports.map(tableOf).join("\n"),
      json: { radiiIn: unitOf(probe), attacks: reports },
      figures: reports.map(({ norm, points }) => [
        `attack-${norm}`,
        lineChart([{ name: NAMES[norm], x: points.map((p) => p.radius), y: points.map((p) => 100 * p.accuracy) }], {
          xLabel: `${NAMES[norm]} radius (${unitOf(probe)})`,
          yLabel: "accuracy (%)",
          yRange: [0, 100],
        }),
      ]),
    };
  },
};

const isLogit = ({ run }: Probe): boolean => {
  const { preprocessing } = run.info.data;
  return preprocessing.kind === "image" && preprocessing.scaling === "logit";
};

/** Pixels have a range, which is the unit of radii; standardised tables have neither. */
function inputRange({ run }: Probe): { unit?: number; range?: readonly [number, number] } {
  const { preprocessing } = run.info.data;
  if (preprocessing.kind !== "image") return {};
  const range = pixelEnds(preprocessing.scaling);
  return { range, unit: range[1] - range[0] };
}

const unitOf = ({ run }: Probe): string =>
  run.info.data.preprocessing.kind === "image" ? "parts of the pixels' range" : "standard deviations";

const tableOf = ({ norm, points }: AttackReport): string =>
  textTable([
    [`${NAMES[norm]} radius`, ...points.map((p) => String(p.radius))],
    ["accuracy", ...points.map((p) => percent(p.accuracy))],
  ]);
