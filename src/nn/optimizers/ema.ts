/** Averages of parameters over training. */
import { add, mul, sub, type TensorLike, type TensorTree } from "../../graph/index.js";
import { zip } from "./optimizer.js";

/**
 * One step of the exponential moving average: decay · average + (1 - decay) · params, leaf by leaf. With the decays of {@link emaDecay}
 * nothing is left of what it started from.
 * @throws TypeError where structures differ.
 */
export const ema = <P extends TensorTree>(average: P, params: P, decay: TensorLike): P => {
  const share = typeof decay === "number" ? 1 - decay : sub(1, decay);
  return zip((old, p) => add(old, mul(sub(p, old), share)), average, params);
};

/**
 * The decay of the step after `steps` others: steps / (steps + 10) at first, `decay` from where that is more. The first step thus forgets what
 * the average started from, and early on it is of the last tenth of the steps or so, not of all since the random start.
 */
export const emaDecay = (decay: number, steps: number): number => Math.min(decay, steps / (steps + 10));
