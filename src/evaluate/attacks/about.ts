/** Accuracy under attack as `vera eval` offers it. */
import { int, numbers, type Values } from "../../runs/config/index.js";
import { describeEvaluation } from "../evaluation.js";

const OPTIONS = {
  epsLinf: numbers([0.01, 0.02, 0.04, 0.08], {
    min: 0,
    help: "Radii in L∞, as shares of the range of pixels (8/255 is 0.031), or in standard deviations of a table's columns.",
  }),
  epsL2: numbers([0.25, 0.5, 1, 2], { min: 0, help: "Radii in L2, in the same units." }),
  attackSteps: int(40, { min: 1, help: "Steps of an attack." }),
  restarts: int(2, { min: 1, help: "Random starts of each attack." }),
  attackExamples: int(500, { min: 1, help: "At most this many examples are attacked." }),
};

export type AttackSettings = Values<typeof OPTIONS>;

export const attacks = describeEvaluation({
  name: "attacks",
  summary: "accuracy under PGD attacks in L∞ and L2",
  group: { title: "Attacks", options: OPTIONS },
  options: OPTIONS,
  load: async () => (await import("./evaluate-attacks.js")).attacks,
});
