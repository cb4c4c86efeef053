/** Training by several processes together. */
import { allMean } from "../../graph/index.js";
import { type Optimizer, zip } from "./optimizer.js";

/** The optimiser with gradients that are means over all ranks: with equal parts of a batch, those of the whole batch. */
export const acrossRanks = (optimizer: Optimizer): Optimizer => ({
  init: optimizer.init,
  update: (params, grads, state, lr) => optimizer.update(params, zip(allMean, grads), state, lr),
});
