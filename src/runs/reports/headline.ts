/** Which of a run's many numbers tell most; all are in metrics.jsonl. */

/** For the line of progress. */
const HEADLINE = ["loss_energy", "accuracy_batch", "nll_batch", "f_data", "f_samples", "loss_generator", "sigma"];
export const headline = (means: Record<string, number>): Record<string, number> =>
  Object.fromEntries(HEADLINE.filter((name) => name in means).map((name) => [name, means[name]!]));

const NAMES: Readonly<Record<string, string>> = {
  accuracy: "accuracy",
  nll: "NLL",
  ece: "ECE",
  log_likelihood: "log-likelihood",
  ood_auroc_uniform: "OOD AUROC against uniform noise",
};

/** Of the test split, in a line. */
export const summary = (values: Readonly<Record<string, number>>): string =>
  Object.entries(NAMES)
    .filter(([name]) => values[name] !== undefined)
    .map(([name, text]) => `${text} ${values[name]!.toFixed(4)}`)
    .join(", ");
