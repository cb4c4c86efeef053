/** Training that has gone wrong for good, explained. */
import type { MetricTraces } from "./trainer.js";

/** A term of the loss stopped being a number, or the model's values exploded. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
}

/** Where it shows first. */
export interface Divergence {
  readonly iteration: number;
  /** A metric, and its value there. */
  readonly name: string;
  readonly value: number;
}

/** f beyond this is no density any more: float32 keeps no differences there. */
const LIMIT = 1e7;

const ADVICE =
  "lower --lr and --glr, or raise --pg-control (0.1 is a good start), --p-control or --warmup-iters, or, where samples are SGLD's, bound its steps by --sgld-clip and f of samples by --n-control; with --recover a run steps back by itself, once";

/** The first metric among those of the iterations that ended at `iteration` that is not a finite number, or too large; null for none. */
export function findDivergence(traces: MetricTraces, iteration: number): Divergence | null {
  let first: { at: number; name: string; value: number } | undefined;
  for (const [name, values] of Object.entries(traces)) {
    const watched = name.startsWith("loss_") || name.startsWith("f_");
    const at = values.findIndex((v) => !Number.isFinite(v) || (watched && Math.abs(v) > LIMIT));
    if (at < 0 || (first !== undefined && first.at <= at)) continue;
    first = { at, name, value: values[at]! };
  }
  if (first === undefined) return null;
  const length = Object.values(traces)[0]!.length;
  return { iteration: iteration - length + first.at + 1, name: first.name, value: first.value };
}

/** `loss_energy is NaN at iteration 12` */
export const described = ({ iteration, name, value }: Divergence): string =>
  `${name} is ${value} at iteration ${iteration}`;

/** @param steppedBack the run has recovered from another one already */
export function divergenceError(
  divergence: Divergence,
  lastGood: string | null,
  steppedBack: boolean,
): DivergenceError {
  const again = steppedBack ? " again, at the smaller learning rates that it went on with after the first time" : "";
  const kept = lastGood === null ? "no checkpoint was written yet" : `the last good checkpoint is kept: ${lastGood}`;
  return new DivergenceError(`training diverged${again}: ${described(divergence)}; ${kept}. To go on, ${ADVICE}.`);
}
