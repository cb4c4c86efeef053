/** Mode counting as `vera eval` offers it. */
import { int, string, type Values } from "../../runs/config/index.js";
import { describeEvaluation } from "../evaluation.js";

const OPTIONS = {
  samples: int(10_000, { min: 1, help: "Samples whose modes are counted." }),
  classifier: string({
    value: "FILE",
    otherwise: "one in the folder of the run, trained where it is missing",
    help: "Digit classifier that labels them.",
  }),
};

export type ModeSettings = Values<typeof OPTIONS>;

export const modes = describeEvaluation({
  name: "modes",
  summary: "modes of StackedMNIST (or the ten digits) that samples fall into, and both KL divergences",
  group: { title: "Modes", options: OPTIONS },
  options: OPTIONS,
  load: async () => (await import("./evaluate-modes.js")).modes,
});
