/**
 * The generator q(x|z) = N(g(z), σ² I), z ~ N(0, I) (VERA, section 3). σ is one learned scalar, held as its logarithm.
 */
import * as g from "../graph/index.js";
import type { Dict, Mode, Module, Variables } from "../nn/index.js";
import { full, type NdArray, type Rng } from "../runtime/index.js";

/** Parameters: `g.…` of the network and `logsigma` `[1]`, as the original names them. */
export type GeneratorParams<L> = { readonly g: Dict<L>; readonly logsigma: L };

export type GeneratorVariables<L> = {
  readonly params: GeneratorParams<L>;
  /** Buffers of the network. */
  readonly state: Dict<L>;
};

/** A draw from the generator. */
export interface Draw {
  /** g(z) + σ ε `[B, …]`. */
  readonly x: g.Tensor;
  /** g(z) `[B, …]`. */
  readonly mean: g.Tensor;
  readonly state: Dict<g.Tensor>;
  /** What batch norm used: with these in `frozen` mode g is the same function again. */
  readonly statistics: Dict<g.Tensor>;
}

export interface Generator {
  readonly noiseDim: number;
  /** Shape of one sample. */
  readonly event: g.Shape;
  init(rng: Rng): GeneratorVariables<NdArray>;
  /** g(z) and what batch norm made of it. */
  mean(variables: Variables<g.Tensor>, z: g.Tensor, mode: Mode): Omit<Draw, "x">;
  /** z `[B, noiseDim]` and ε `[B, …event]`, standard normal. */
  sample(variables: GeneratorVariables<g.Tensor>, z: g.Tensor, epsilon: g.Tensor, mode: Mode): Draw;
}

/** The scale at which σ starts. */
const INITIAL_SIGMA = 0.01;

export function generator(network: Module, noiseDim: number, event: g.Shape): Generator {
  const mean: Generator["mean"] = (variables, z, mode) => {
    const { y, state, statistics } = g.scope("generator", () => network.apply(variables, z, mode));
    return { mean: g.reshape(y, [z.shape[0]!, ...event]), state, statistics };
  };
  return {
    noiseDim,
    event,
    mean,
    init(rng) {
      const { params, state } = network.init(rng);
      return { params: { g: params, logsigma: full([1], Math.log(INITIAL_SIGMA)) }, state };
    },
    sample({ params, state }, z, epsilon, mode) {
      const drawn = mean({ params: params.g, state }, z, mode);
      return { ...drawn, x: g.add(drawn.mean, g.mul(epsilon, g.exp(scalar(params.logsigma)))) };
    },
  };
}

/** A one-element tensor as a scalar. */
export const scalar = (x: g.Tensor): g.Tensor => g.reshape(x, []);

/** Sum over all axes but the leading `batchAxes`. */
export const sumEvent = (x: g.Tensor, batchAxes = 1): g.Tensor =>
  x.rank === batchAxes ? x : g.sum(x, [...x.shape.keys()].slice(batchAxes));

const LOG_2PI = Math.log(2 * Math.PI);

/** log N(x; mean, e^{2 logScale}) summed over all but the leading `batchAxes`; logScale broadcasts against x. */
export function normalLogDensity(x: g.Tensor, mean: g.TensorLike, logScale: g.TensorLike, batchAxes = 1): g.Tensor {
  const standard = g.mul(g.sub(x, mean), g.exp(g.neg(logScale)));
  const each = g.add(g.mul(g.square(standard), -0.5), g.sub(-0.5 * LOG_2PI, logScale));
  return sumEvent(each, batchAxes);
}

/** Keeps σ in [min, max], as after each generator step. */
export const clampSigma = (params: GeneratorParams<g.Tensor>, min: number, max: number): GeneratorParams<g.Tensor> => ({
  ...params,
  logsigma: g.clamp(params.logsigma, Math.log(min), Math.log(max)),
});
