/** The last function of a generator: what range its samples have. */
import { sigmoid, type Tensor, tanh } from "../../graph/index.js";

/** `tanh` for data in [-1, 1], `sigmoid` for [0, 1], `none` for unbounded data. */
export const OUTPUT_ACTIVATIONS = ["tanh", "sigmoid", "none"] as const;
export type OutputActivation = (typeof OUTPUT_ACTIVATIONS)[number];

export const outputActivation = (name: OutputActivation): ((x: Tensor) => Tensor) =>
  ({ tanh, sigmoid, none: (x: Tensor) => x })[name];
