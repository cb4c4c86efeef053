/** Training that has gone wrong, explained. */
import type { MetricTraces } from "./trainer.js";

/** A term of the loss stopped being a number, or the model's values exploded. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
}

/** f beyond this is no density any more: float32 keeps no differences there. */
const LIMIT = 1e7;

const ADVICE = "lower --lr and --glr, or raise --pg-control (0.1 is a good start), --p-control or --warmup-iters";

/**
 * Looks through the metrics of the iterations that ended at `iteration`.
 * @throws DivergenceError naming the first iteration and term that is not a finite number, or too large.
 */
export function checkDivergence(traces: MetricTraces, iteration: number, lastGood: string | null): void {
  let first: { at: number; name: string; value: number } | undefined;
  for (const [name, values] of Object.entries(traces)) {
    const watched = name.startsWith("loss_") || name.startsWith("f_");
    const at = values.findIndex((v) => !Number.isFinite(v) || (watched && Math.abs(v) > LIMIT));
    if (at < 0 || (first !== undefined && first.at <= at)) continue;
    first = { at: at, name, value: values[at]! };
  }
  if (first === undefined) return;
  const length = Object.values(traces)[0]!.length;
  const where = `iteration ${iteration - length + first.at + 1}`;
  const kept = lastGood === null ? "no checkpoint was written yet" : `the last good checkpoint is kept: ${lastGood}`;
  throw new DivergenceError(
    `training diverged: ${first.name} is ${first.value} at ${where}; ${kept}. To go on, ${ADVICE}.`,
  );
}
