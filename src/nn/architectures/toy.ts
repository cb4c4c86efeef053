/** Networks for densities in the plane. */
import { relu } from "../../graph/index.js";
import { batchNorm, linear } from "../layers/index.js";
import { type Layer, type Module, sequential } from "../module.js";
import { leaky } from "./activations.js";

export interface ToyEbmOptions {
  /** Default 2. */
  readonly dataDim?: number;
  /** Width of the hidden layers. Default 100. */
  readonly hidden?: number;
  /** Number of hidden layers. Default 2. */
  readonly layers?: number;
  /** Default 1. */
  readonly outputs?: number;
}

/** x `[B, dataDim]` → f(x) `[B, outputs]`. */
export function toyEbm({ dataDim = 2, hidden = 100, layers = 2, outputs = 1 }: ToyEbmOptions = {}): Module {
  const body = Array.from({ length: layers }, (_, i): Layer[] => [linear(i === 0 ? dataDim : hidden, hidden), leaky]);
  return sequential([...body.flat(), linear(hidden, outputs)]);
}

export interface ToyGeneratorOptions {
  /** Default 2. */
  readonly noiseDim?: number;
  /** Default 2. */
  readonly dataDim?: number;
  /** Width of both hidden layers. Default 100. */
  readonly hidden?: number;
}

/** z `[B, noiseDim]` → g(z) `[B, dataDim]`. */
export const toyGenerator = ({ noiseDim = 2, dataDim = 2, hidden = 100 }: ToyGeneratorOptions = {}): Module =>
  sequential([
    linear(noiseDim, hidden, { bias: false }),
    batchNorm(hidden),
    relu,
    linear(hidden, hidden, { bias: false }),
    batchNorm(hidden),
    relu,
    linear(hidden, dataDim),
  ]);
