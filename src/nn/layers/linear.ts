/** The affine map of vectors. */
import { add, matmul } from "../../graph/index.js";
import { initWeightAndBias, type WeightAndBias } from "../initializers.js";
import { type Module, stateless, variable } from "../module.js";

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
  readonly init?: WeightAndBias;
}

/** y = x Wᵀ + b: `[…, inputs]` → `[…, outputs]`, W `[outputs, inputs]`, as `torch.nn.Linear`. */
export const linear = (inputs: number, outputs: number, { bias = true, init }: LinearOptions = {}): Module =>
  stateless(
    (rng) => initWeightAndBias(rng, [outputs, inputs], bias ? [outputs] : undefined, init),
    (params, x) => {
      const y = matmul(x, variable(params, "weight"), { transB: true });
      return bias ? add(y, variable(params, "bias")) : y;
    },
  );
