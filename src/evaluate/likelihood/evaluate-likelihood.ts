/** The likelihood as an evaluation. */
import type { Evaluation } from "../evaluation.js";
import { textTable } from "../table.js";
import type { LikelihoodSettings } from "./about.js";
import { evaluateLikelihood, type LogPartition } from "./likelihood.js";

/** Examples of each split at most. */
const EXAMPLES = 2000;
/** Chains that the weights must be worth, and mass at a grid's edge, for log Z to be believed. */
const [LEAST_SIZE, MOST_EDGE] = [10, 1e-3];

export const likelihood: Evaluation<LikelihoodSettings> = {
  objection: ({ own }) => (own === null ? "it needs the run's own data" : null),
  async run({ probe, data, own, seed, limit, onProgress }, { chains, temperatures: steps, checkPartition }) {
    const result = await evaluateLikelihood(probe.run, {
      chains,
      steps,
      seed,
      ais: checkPartition,
      dataset: own!,
      examples: Math.min(EXAMPLES, limit ?? EXAMPLES),
      ...(data.own ? {} : { other: data.split }),
      onProgress: (done, total) => onProgress("annealed importance sampling", done, total),
    });
    const rows = { [`${own!.name}, training`]: result.train, [`${own!.name}, test`]: result.test };
    if (result.other !== null) rows[data.name] = result.other;
    return {
      title: `Likelihood in nats; log Z ${described(result.logPartition)}`,
      table: textTable([
        ["", "log p(x)", "± standard error", "examples"],
        ...Object.entries(rows).map(([name, { mean, standardError, examples }]) => [
          name,
          mean.toFixed(3),
          standardError.toFixed(3),
          String(examples),
        ]),
      ]),
      json: result,
      notes: doubts(result.logPartition),
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

/** Reasons not to believe log Z. */
function doubts({ edge, ais }: LogPartition): string[] {
  const notes: string[] = [];
  if (edge !== null && edge > MOST_EDGE)
    notes.push(
      "the density does not end at the edge of the grid: log Z is that of the square, and log p(x) too high for the plane",
    );
  if (ais !== null && ais.forward.effectiveSampleSize < LEAST_SIZE)
    notes.push(
      "log Z rests on a few chains and is probably too low, log p(x) too high, by more than the error given: try more " +
        "--temperatures; it stays so where f(x) grows without end away from the data",
    );
  return notes;
}
