/** Weight normalisation (Salimans & Kingma 2016): w = g v / ‖v‖, direction and length trained apart. */
import * as g from "../../graph/index.js";
import { type NdArray, zeros } from "../../runtime/index.js";
import { type Module, stateless, variable } from "../module.js";

/**
 * A linear or convolution layer whose `weight` is held as `weight_g` `[O, 1, …]` and `weight_v` `[O, I, …]`, one
 * length per output (`torch.nn.utils.weight_norm` with dim 0). It starts as the layer itself would.
 */
export const weightNorm = (layer: Module): Module =>
  stateless(
    (rng) => {
      const { weight, ...rest } = layer.init(rng).params as Record<string, NdArray>;
      return { ...rest, weight_g: rowNorms(weight!), weight_v: weight! };
    },
    (params, x) => {
      const { weight_g: _, weight_v: __, ...rest } = params;
      const v = variable(params, "weight_v");
      const axes = [...v.shape.keys()].slice(1);
      const norms = g.sqrt(g.sum(g.square(v), axes, true));
      const weight = g.mul(v, g.div(variable(params, "weight_g"), norms));
      return layer.apply({ params: { ...rest, weight }, state: {} }, x, { mode: "eval" }).y;
    },
  );

/** ‖w[o]‖₂ for each o, `[O, 1, …]`. */
function rowNorms({ data, shape }: NdArray): NdArray {
  const norms = zeros([shape[0]!, ...shape.slice(1).map(() => 1)]);
  const row = data.length / norms.data.length;
  for (let o = 0; o < norms.data.length; o++) {
    let squares = 0;
    for (let i = o * row; i < (o + 1) * row; i++) squares += data[i]! ** 2;
    norms.data[o] = Math.sqrt(squares);
  }
  return norms;
}
