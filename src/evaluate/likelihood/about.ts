/** The likelihood as `vera eval` offers it. */
import { bool, int, type Values } from "../../runs/config/index.js";
import { describeEvaluation } from "../evaluation.js";

const OPTIONS = {
  chains: int(200, { min: 2, help: "Chains of annealed importance sampling." }),
  temperatures: int(1000, { min: 2, help: "Temperatures along their way." }),
  checkPartition: bool(false, { help: "Run it even where log Z is known or can be integrated." }),
};

export type LikelihoodSettings = Values<typeof OPTIONS>;

export const likelihood = describeEvaluation({
  name: "likelihood",
  summary: "log p(x) of training and test data: log Z known, integrated, or by annealed importance sampling",
  group: { title: "Likelihood", options: OPTIONS },
  options: OPTIONS,
  load: async () => (await import("./evaluate-likelihood.js")).likelihood,
});
