/** The study of entropy-gradient estimators as `vera eval` offers it. */
import { ConfigError, int, numbers, string, type Values } from "../../runs/config/index.js";
import { describeEvaluation } from "../evaluation.js";

const OPTIONS = {
  estimatorData: string({
    value: "NAME",
    otherwise: "the run's own",
    help: "Data set to fit the linear generator to, whatever the run learned.",
  }),
  latentDim: int(null, {
    min: 1,
    nothing: "the run's --noise-dim",
    help: "Latent dimensions of the linear generator.",
  }),
  posteriorSamples: numbers([1, 2, 5, 10, 20, 50, 100], {
    value: "N …",
    min: 1,
    help: "Posterior samples of an estimate; of HMC those up to 20.",
  }),
  repetitions: int(200, { min: 2, help: "Estimates of each kind." }),
};

export type EstimatorSettings = Values<typeof OPTIONS>;

export const estimator = describeEvaluation({
  name: "estimator",
  summary: "bias and variance of the entropy-gradient estimators on a linear generator fitted to the run's data",
  group: { title: "Estimators", options: OPTIONS },
  options: OPTIONS,
  check({ posteriorSamples: given }) {
    if (given.length > 0 && given.every(Number.isInteger)) return;
    throw new ConfigError(`--posterior-samples takes whole numbers, not [${given.join(", ")}]`);
  },
  load: async () => (await import("./evaluate-estimator.js")).estimator,
});
