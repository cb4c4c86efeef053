/** Averages of parameters over training. */
import { add, mul, sub, type TensorLike, type TensorTree } from "../../graph/index.js";
import { zip } from "./optimizer.js";

/**
 * One step of the exponential moving average: decay · average + (1 - decay) · params, leaf by leaf.
 * Start it as the initial parameters.
 * @throws TypeError where structures differ.
 */
export const ema = <P extends TensorTree>(average: P, params: P, decay: TensorLike): P => {
  const share = typeof decay === "number" ? 1 - decay : sub(1, decay);
  return zip((old, p) => add(old, mul(sub(p, old), share)), average, params);
};
