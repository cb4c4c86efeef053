/** Which metrics are looked at first, and which way they are better. */

const FIRST: readonly string[] = [
  "validation/accuracy",
  "validation/nll",
  "validation/log_likelihood",
  "validation/ece",
  "train/f_data",
  "train/loss_energy",
  "train/f_samples",
];

/** Of the metrics that there are, the most telling; whatever there is, where none of these is. */
export function telling(metrics: readonly string[]): string[] {
  const found = FIRST.filter((name) => metrics.includes(name));
  return found.length > 0 ? found : metrics.slice(0, 4);
}

/** What a run has of a metric at its best: least of losses and errors, greatest of what counts hits; null where neither is better. */
export function betterPart(metric: string): "min" | "max" | null {
  if (/\/(accuracy|log_likelihood|ood_auroc.*)$/.test(metric)) return "max";
  return /\/(nll|brier|ece)$/.test(metric) ? "min" : null;
}
