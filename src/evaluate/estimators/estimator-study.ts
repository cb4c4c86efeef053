/**
 * Bias and variance of the entropy-gradient estimators, against the exact score of a linear generator fitted to data by
 * probabilistic PCA.
 *
 * Pairs (x, z) are drawn once and held fixed, as one training step holds them while it estimates: bias is the distance of the
 * estimator's mean over its own noise from -∇ log q(x), the deviation its spread over that noise. With infinitely many posterior
 * samples both vanish. Averaged over z ~ q(z|x) as well, the bias of a linear generator is zero for any number of samples, by
 * symmetry: reflecting z and all z_j in the posterior's mean leaves the weights as they are and turns the error round. So a study
 * that draws z afresh would see no bias at all.
 */

import {
  type Decoder,
  type EntropyEstimator,
  hmcEstimator,
  laplaceEstimator,
  variationalScore,
} from "../../ebm/index.js";
import { constant, type Tensor } from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { compile, type NdArray, type Rng, streams } from "../../runtime/index.js";
import { total } from "../../runtime/numbers.js";
import { fitPpca, type PpcaModel } from "./ppca.js";

/** An estimator with one number of posterior samples, or of steps. */
export interface EstimatorCase {
  readonly name: string;
  /** Posterior samples; of the linear estimator its steps. */
  readonly samples: number;
  /** Evaluations of the generator (forward; a leapfrog step's gradient counts as two, a product with its Jacobian as one) per draw of x. */
  readonly evaluations: number;
  /** Noise of one estimate of a batch. */
  readonly noise: (batch: number, rng: Rng) => Dict<NdArray>;
  /** State that the estimator adapts. */
  readonly init: () => Dict<NdArray>;
  readonly estimate: EntropyEstimator["estimate"];
}

export interface EstimatorScore {
  readonly name: string;
  readonly samples: number;
  readonly evaluations: number;
  /** ‖E c - exact‖ / ‖exact‖ over all pairs, less the part that is due to few repetitions; 0 where nothing is left. */
  readonly bias: number;
  /** What `bias` would come out as, without that correction, for an unbiased estimator: far below this it cannot be told from 0. */
  readonly resolution: number;
  /** √(E ‖c - E c‖²) / ‖exact‖. */
  readonly deviation: number;
  /** √(E ‖c - exact‖²) / ‖exact‖: both together, what a training step feels. */
  readonly error: number;
}

export interface EstimatorStudy {
  readonly dim: number;
  readonly latentDim: number;
  readonly sigma: number;
  readonly repetitions: number;
  readonly scores: readonly EstimatorScore[];
}

export interface EstimatorStudyOptions {
  /** Default 16. */
  readonly latentDim?: number;
  /** Posterior samples of the variational estimator. Default 1, 2, 5, 10, 20, 50, 100. */
  readonly variationalSamples?: readonly number[];
  /** Kept transitions of HMC. Default 1, 2, 5, 10, 20. */
  readonly hmcSamples?: readonly number[];
  /** Steps of the linear estimator. Default 1, 2, 3, 5, 10. */
  readonly laplaceSteps?: readonly number[];
  /** Pairs (x, z). Default {@link PAIRS}. */
  readonly batch?: number;
  /** Of each estimate. Default 200. */
  readonly repetitions?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Pairs (x, z) that estimates are made for. */
export const PAIRS = 50;
/** Leapfrog steps and burn-in of `verahmc`. */
const [LEAPFROG, BURN_IN] = [5, 2];
/** Estimates that adapt HMC's step size before those that count. */
const WARM_UP = 150;

/** The estimators of a model: variational with η at its optimum and at half of it, HMC, and the linear one. */
export function estimatorCases(
  model: PpcaModel,
  variationalSamples: readonly number[],
  hmcSamples: readonly number[],
  laplaceSteps: readonly number[],
): EstimatorCase[] {
  const { latentDim, posteriorStd } = model;
  const variational = (label: string, scale: number) =>
    variationalSamples.map((samples): EstimatorCase => {
      const params = { post_logsigma: constant(posteriorStd.map((s) => Math.log(scale * s))) };
      return {
        name: label,
        samples,
        evaluations: samples,
        init: () => ({}),
        noise: (batch, rng) => ({ posterior: rng.normal([samples, batch, latentDim]) }),
        estimate: (decoder, state, x, z, noise) => ({
          ...variationalScore(decoder, params, x, z, noise.posterior as Tensor),
          state,
        }),
      };
    });
  const hmc = hmcSamples.map((samples): EstimatorCase => {
    const estimator = hmcEstimator({ noiseDim: latentDim, samples, burnIn: BURN_IN, leapfrogSteps: LEAPFROG });
    return {
      name: "HMC",
      samples,
      evaluations: 2 * (1 + LEAPFROG * (BURN_IN + samples)) + samples,
      ...estimator,
    };
  });
  const laplace = laplaceSteps.map(
    (steps): EstimatorCase => ({
      name: "linear",
      samples: steps,
      evaluations: 2 * steps,
      ...laplaceEstimator({ steps }),
    }),
  );
  return [...variational("variational, best η", 1), ...variational("variational, half of it", 0.5), ...hmc, ...laplace];
}

/** @param data `[N, …]` @throws RangeError where data have no more dimensions than latent ones. */
export async function studyEstimators(data: NdArray, options: EstimatorStudyOptions = {}): Promise<EstimatorStudy> {
  const { latentDim = 16, batch = PAIRS, repetitions = 200, seed = 0, onProgress = () => {} } = options;
  const { variationalSamples = [1, 2, 5, 10, 20, 50, 100], hmcSamples = [1, 2, 5, 10, 20] } = options;
  const { laplaceSteps = [1, 2, 3, 5, 10] } = options;
  const model = await fitPpca(data, latentDim);
  const rng = streams(seed).for("study of estimators");
  const x = model.sample(batch, rng);
  const z = model.samplePosterior(x, rng);
  const cases = estimatorCases(model, variationalSamples, hmcSamples, laplaceSteps);
  const scores: EstimatorScore[] = [];
  for (const each of cases) {
    scores.push(await scoreEstimator(model, each, { x, z }, repetitions, rng.fork()));
    onProgress(scores.length, cases.length);
  }
  return { dim: model.dim, latentDim, sigma: model.sigma, repetitions, scores };
}

/** Inputs of an estimator. Without z it is drawn from q(z|x) in each repetition. */
interface Pairs {
  /** `[B, D]`. */
  readonly x: NdArray;
  /** `[B, k]`. */
  readonly z?: NdArray;
}

/** Mean of c + ∇ log q(x) over repetitions and its variance, for each element of x. */
export async function repeatEstimates(
  model: PpcaModel,
  each: EstimatorCase,
  { x, z }: Pairs,
  repetitions: number,
  rng: Rng,
): Promise<{ readonly mean: Float64Array; readonly variance: Float64Array }> {
  const decoder: Decoder = { mean: model.decode, logSigma: constant([Math.log(model.sigma)]) };
  const estimate = compile(
    (a: Tensor, b: Tensor, state: Dict<Tensor>, noise: Dict<Tensor>) => {
      const { c, state: next } = each.estimate(decoder, state, a, b, noise);
      return { c, state: next };
    },
    { name: "estimate" },
  );
  const [sums, squares] = [new Float64Array(x.size), new Float64Array(x.size)];
  const truth = model.negativeScore(x); // sums of differences from it: small numbers, so that nothing cancels
  let state = each.init();
  const call = (s: Dict<NdArray>) => estimate(x, z ?? model.samplePosterior(x, rng), s, each.noise(x.shape[0]!, rng));
  try {
    if (Object.keys(state).length > 0) for (let i = 0; i < WARM_UP; i++) ({ state } = await call(state));
    for (let r = 0; r < repetitions; r++) {
      const { c } = await call(state); // the adapted state is not carried on: estimates are independent
      for (let i = 0; i < c.size; i++) {
        const error = c.data[i]! - truth[i]!;
        sums[i]! += error;
        squares[i]! += error * error;
      }
    }
  } finally {
    await estimate.release();
  }
  const mean = sums.map((s) => s / repetitions);
  // Of an estimator that draws nothing rounding is left of it, of either sign.
  const variance = squares.map((s, i) => Math.max(0, s - repetitions * mean[i]! ** 2) / (repetitions - 1));
  return { mean, variance };
}

/** Bias and deviation of one estimator for the given pairs, relative to the exact score's length. */
async function scoreEstimator(
  model: PpcaModel,
  each: EstimatorCase,
  pairs: Pairs,
  repetitions: number,
  rng: Rng,
): Promise<EstimatorScore> {
  const { mean, variance } = await repeatEstimates(model, each, pairs, repetitions, rng);
  const truth = model.negativeScore(pairs.x).reduce((a, v) => a + v * v, 0);
  const spread = total(variance);
  const chance = spread / repetitions; // E ‖mean error‖² of an unbiased estimator
  const squaredBias = Math.max(0, mean.reduce((a, v) => a + v * v, 0) - chance);
  const { name, samples, evaluations } = each;
  const relative = (square: number) => Math.sqrt(square / truth);
  return {
    name,
    samples,
    evaluations,
    bias: relative(squaredBias),
    resolution: relative(chance),
    deviation: relative(spread),
    error: relative(squaredBias + spread),
  };
}
