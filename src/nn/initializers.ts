/**
 * Initial values of parameters, as in `torch.nn.init`.
 *
 * A weight's fans are counted as PyTorch does: with `[out, in, …kernel]`, fan-in is in · kernel and fan-out out ·
 * kernel. (For a transposed convolution, stored `[in, out, …kernel]`, PyTorch's fan-in is therefore out · kernel.)
 */
import { type Shape, ShapeError, sizeOf } from "../graph/index.js";
import { full, type NdArray, type Rng } from "../runtime/index.js";

/** Draws an array of a shape. */
export type Initializer = (rng: Rng, shape: Shape) => NdArray;

/** Fan-in and fan-out of a weight of rank 2 or more. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  const [out, inputs, ...kernel] = shape;
  if (out === undefined || inputs === undefined)
    throw new ShapeError("fans", `a weight of shape [${shape}] has no fans`);
  return { fanIn: inputs * sizeOf(kernel), fanOut: out * sizeOf(kernel) };
}

/** U(-bound, bound). */
export const uniform =
  (bound: number): Initializer =>
  (rng, shape) =>
    rng.uniform(shape, -bound, bound);

/**
 * U(±√(6 / ((1 + a²) fanIn))) (He et al. 2015). The default a = √5 is that of PyTorch's layers: U(±1/√fanIn).
 */
export const kaimingUniform =
  (a = Math.sqrt(5)): Initializer =>
  (rng, shape) =>
    uniform(Math.sqrt(6 / ((1 + a * a) * fans(shape).fanIn)))(rng, shape);

/** U(±gain √(6 / (fanIn + fanOut))) (Glorot & Bengio 2010). */
export const xavierUniform =
  (gain = 1): Initializer =>
  (rng, shape) => {
    const { fanIn, fanOut } = fans(shape);
    return uniform(gain * Math.sqrt(6 / (fanIn + fanOut)))(rng, shape);
  };

/** One value everywhere. */
export const filled =
  (value: number): Initializer =>
  (_, shape) =>
    full(shape, value);

/** How the weight and bias of a layer start. Default: PyTorch's, both U(±1/√fanIn). */
export interface WeightAndBias {
  readonly weight?: Initializer;
  readonly bias?: Initializer;
}

/** The parameters `weight` and, if `bias` has a shape, `bias` of a layer. */
export function initWeightAndBias(
  rng: Rng,
  weight: Shape,
  bias: Shape | undefined,
  {
    weight: initWeight = kaimingUniform(),
    bias: initBias = uniform(1 / Math.sqrt(fans(weight).fanIn)),
  }: WeightAndBias = {},
): Record<string, NdArray> {
  const values = { weight: initWeight(rng, weight) };
  return bias === undefined ? values : { ...values, bias: initBias(rng, bias) };
}
