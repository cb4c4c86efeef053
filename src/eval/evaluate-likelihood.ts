/** The likelihood as an evaluation. */
import type { Evaluation } from "./evaluation.js";
import { evaluateLikelihood, type LogPartition } from "./likelihood.js";
import { textTable } from "./table.js";

export const likelihood: Evaluation = {
  summary: "log p(x) of training and test data: log Z known, integrated, or by annealed importance sampling",
  objection: () => null,
  async run({ probe, settings, onProgress }) {
    const { chains, temperatures: steps, seed, checkPartition } = settings;
    onProgress("likelihood", 0, 1);
    const { logPartition, train, test } = await evaluateLikelihood(probe.run, {
      chains,
      steps,
      seed,
      ais: checkPartition,
    });
    return {
      title: `Likelihood in nats; log Z ${described(logPartition)}`,
      table: textTable([
        ["", "log p(x)", "± standard error", "examples"],
        ...Object.entries({ training: train, test }).map(([name, { mean, standardError, examples }]) => [
          name,
          mean.toFixed(3),
          standardError.toFixed(3),
          String(examples),
        ]),
      ]),
      json: { logPartition, train, test },
      figures: [],
    };
  },
};

function described({ method, value, edge, ais }: LogPartition): string {
  if (method === "exact") return "is 0 by construction";
  if (ais === null) return `${value.toFixed(3)} on a grid, share of the mass at its edge ${edge!.toExponential(1)}`;
  const { forward, backward } = ais;
  const bound = backward === null ? "" : ` and, from exact samples, at most ${backward.logPartition.toFixed(3)}`;
  const worth = `effective sample size ${forward.effectiveSampleSize.toFixed(1)} of ${forward.chains} chains`;
  return `${value.toFixed(3)} ± ${forward.standardError.toFixed(3)}${bound} by annealed importance sampling, ${worth}`;
}
