/** Markov chains for any log-density: SGLD, MALA, HMC, the replay buffer, and what tells whether chains have mixed. */
export * from "./diagnostics.js";
export { type HmcOptions, hamiltonian, hmc, leapfrog, type PhasePoint } from "./hmc.js";
export { pack, unpack } from "./joint.js";
export { type MalaOptions, mala } from "./mala.js";
export type { AdaptationOptions, MetropolisInfo, MetropolisNoise, MetropolisState } from "./metropolis.js";
export * from "./replay-buffer.js";
export * from "./run-chains.js";
export {
  type Arrays,
  type ChainState,
  type Evaluated,
  evaluate,
  type LogDensity,
  type Sampler,
  type Tensors,
} from "./sampler.js";
export { type SgldInfo, type SgldNoise, type SgldOptions, type SgldState, sgld } from "./sgld.js";
export { type Unrolled, type UnrollOptions, unroll } from "./unroll.js";
