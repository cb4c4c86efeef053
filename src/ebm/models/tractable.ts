/** Models that can be normalised and sampled: an EBM's true likelihood is known when it is one of these. */
import type { Tensor } from "../../graph/index.js";
import type { Dict, Variables } from "../../nn/index.js";
import type { NdArray, Rng } from "../../runtime/index.js";
import type { EnergyModel } from "../energy-model.js";

/** An energy-based model with log Z = 0. */
export interface TractableModel extends EnergyModel {
  /** Random numbers that `count` samples are made from. */
  noise(count: number, rng: Rng): Dict<NdArray>;
  /** Exact samples `[count, …event]`. */
  sample(variables: Variables<Tensor>, noise: Dict<Tensor>): Tensor;
}
