/** The two ways to estimate the entropy's gradient, as parts of a training step. */
import * as g from "../../graph/index.js";
import { adam, type Dict, type Optimizer } from "../../nn/index.js";
import { full, type NdArray, type Rng } from "../../runtime/index.js";
import {
  type Decoder,
  type EntropyGradient,
  type PosteriorParams,
  posteriorLoss,
  variationalScore,
} from "./variational.js";

export interface EntropyEstimator {
  /** What the estimator adapts while training. */
  init(): Dict<NdArray>;
  noise(batch: number, rng: Rng): Dict<NdArray>;
  /** c for draws x made from z, and the adapted state. */
  estimate(
    decoder: Decoder,
    state: Dict<g.Tensor>,
    x: g.Tensor,
    z: g.Tensor,
    noise: Dict<g.Tensor>,
  ): EntropyGradient & { readonly state: Dict<g.Tensor> };
}

export interface VariationalOptions {
  readonly noiseDim: number;
  /** For η alone. Default: Adam. */
  readonly optimizer?: Optimizer;
  /** Learning rate of η. Default 0.02. */
  readonly learningRate?: number;
  /** Posterior samples per draw. Default 20. */
  readonly samples?: number;
}

/** The scale at which η starts. */
const INITIAL_ETA = 0.1;

/** `vera`: importance sampling around z, with η trained along. */
export const variationalEstimator = ({
  noiseDim,
  optimizer = adam(),
  learningRate = 0.02,
  samples = 20,
}: VariationalOptions): EntropyEstimator => ({
  init() {
    const params = { post_logsigma: full([noiseDim], Math.log(INITIAL_ETA)) };
    return { params, optimizer: optimizer.init(params) as Dict<NdArray> };
  },
  noise: (batch, rng) => ({
    posterior: rng.normal([samples, batch, noiseDim]),
    elbo: rng.normal([batch, noiseDim]),
  }),
  estimate(decoder, state, x, z, noise) {
    const params = state.params as PosteriorParams<g.Tensor>;
    const { c, info } = variationalScore(decoder, params, x, z, noise.posterior as g.Tensor);
    const [loss, gradient] = g.valueAndGrad((p: PosteriorParams<g.Tensor>) =>
      posteriorLoss(decoder, p, x, z, noise.elbo as g.Tensor),
    )(params);
    const next = optimizer.update(params, gradient, state.optimizer as Dict<g.Tensor>, learningRate);
    return {
      c,
      info: { ...info, posterior_elbo: g.neg(loss), posterior_eta: g.mean(g.exp(params.post_logsigma)) },
      state: { params: next.params, optimizer: next.state as Dict<g.Tensor> },
    };
  },
});
