/** Classification and calibration as `vera eval` offers it. */
import { bool, int, string, type Values } from "../../runs/config/index.js";
import { describeEvaluation } from "../evaluation.js";
import { SGLD } from "../sgld-options.js";

const OPTIONS = {
  temperature: bool(true, { help: "Do not fit a temperature on the validation split." }),
  people: string({
    value: "FILE.npy",
    help: "How people label the test split, [examples, classes] in its order, as cifar10h-probs.npy: compare with them, too.",
  }),
  nSteps: int(0, { min: 0, help: "Steps of SGLD on the inputs before they are classified." }),
  ...SGLD,
};

export type ClassificationSettings = Values<typeof OPTIONS>;

export const classification = describeEvaluation({
  name: "classification",
  summary: "accuracy, loss, AUROC, Brier score, calibration error; confusion matrix and reliability diagram",
  group: { title: "Classification", options: OPTIONS },
  options: OPTIONS,
  load: async () => (await import("./evaluate-classification.js")).classification,
});
