/** Fully connected networks for tables and 28×28 MNIST. */
import { flatten, softplus, type Tensor } from "../../graph/index.js";
import { batchNorm, linear, weightNorm } from "../layers/index.js";
import { type Layer, type Module, sequential } from "../module.js";
import { leaky } from "./activations.js";
import { type OutputActivation, outputActivation } from "./output.js";

export interface LargeMlpEbmOptions {
  readonly dataDim: number;
  /** Default 1. */
  readonly outputs?: number;
  /** Weight norm on all layers but the last: for images. Default true. */
  readonly weightNorm?: boolean;
  /** Widths of the hidden layers. Default 1000, 500, 500, 250, 250, 250. */
  readonly hidden?: readonly number[];
}

/** x `[B, …]` with dataDim values each → f(x) `[B, outputs]`. */
export function largeMlpEbm({
  dataDim,
  outputs = 1,
  weightNorm: normed = true,
  hidden = [1000, 500, 500, 250, 250, 250],
}: LargeMlpEbmOptions): Module {
  const layers = hidden.flatMap((width, i): Layer[] => {
    const layer = linear(hidden[i - 1] ?? dataDim, width);
    return [normed ? weightNorm(layer) : layer, leaky];
  });
  return sequential([(x) => flatten(x), ...layers, linear(hidden.at(-1) ?? dataDim, outputs)]);
}

export interface LargeMlpGeneratorOptions {
  readonly noiseDim: number;
  readonly dataDim: number;
  /** Default `tanh`. */
  readonly output?: OutputActivation;
  /** Width of the hidden layers. Default 500. */
  readonly hidden?: number;
  /** Number of hidden layers. Default 3. */
  readonly layers?: number;
  /**
   * After batch norm. Default softplus, which is hardly bent over what batch norm leaves, so that samples vary smoothly with z; with relu
   * they can change abruptly, from one digit to another.
   */
  readonly activation?: (x: Tensor) => Tensor;
}

/** z `[B, noiseDim]` → g(z) `[B, dataDim]`. */
export function largeMlpGenerator({
  noiseDim,
  dataDim,
  output = "tanh",
  hidden = 500,
  layers = 3,
  activation = softplus,
}: LargeMlpGeneratorOptions): Module {
  const body = Array.from({ length: layers }, (_, i): Layer[] => [
    linear(i === 0 ? noiseDim : hidden, hidden, { bias: false }),
    batchNorm(hidden),
    activation,
  ]);
  return sequential([...body.flat(), linear(hidden, dataDim), outputActivation(output)]);
}
