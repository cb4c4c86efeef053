/** Options of what stands for samples of the model: the generator, whose entropy is held up, and the chains of the JEM baseline. */
import * as on from "./effects.js";
import { choice, float, int } from "./option.js";

export const ENTROPY = {
  generatorType: choice("vera", ["vera", "verahmc", "laplace"], {
    effect: on.entropyEstimated,
    help: "Estimate the entropy's gradient by variational importance sampling, by HMC, or by a generator taken for linear around each draw.",
  }),
  posteriorSamples: int(20, { min: 1, effect: on.variational, help: "Samples of the approximate posterior q(z|x)." }),
  posteriorSteps: int(2, {
    min: 1,
    effect: on.linearised,
    help: "Steps of conjugate gradients towards the posterior's mean.",
  }),
  posteriorBatchNorm: choice("frozen", ["frozen", "sample"], {
    effect: on.batchNormed,
    help: "Batch norm in the generator's posterior evaluations: the statistics with which x was made, or, as in the original, those of the posterior samples; then the model's sees samples with statistics of their own instead of the data's, and every pass in training counts in the running statistics of both networks.",
  }),
  postLr: float(0.02, { above: 0, effect: on.variational, help: "Learning rate of the posterior's scales η." }),
  mcmcLr: float(0.02, { min: 0, help: "Rate at which step sizes of MCMC adapt to their acceptance." }),
};

export const SGLD = {
  nSteps: int(20, {
    min: 1,
    max: 1000,
    effect: on.sgldChains,
    help: "SGLD steps for each batch of negative samples.",
  }),
  sgldLr: float(null, {
    above: 0,
    effect: on.sgldChains,
    nothing: "auto",
    otherwise: "half the square of --sgld-std",
    help: "Step size.",
  }),
  sgldStd: float(0.01, { min: 0, effect: on.sgldChains, help: "Standard deviation of the noise." }),
  sgldClip: float(null, {
    above: 0,
    effect: on.sgldChains,
    nothing: "none",
    help: "The longest way that f's gradient may take an input in a step, as a Euclidean norm: longer ones are shortened.",
  }),
  bufferSize: int(10_000, { min: 1, effect: on.sgldChains, help: "Samples in the replay buffer." }),
  reinitFreq: float(0.05, { min: 0, max: 1, effect: on.sgldChains, help: "Probability to restart a chain." }),
};
