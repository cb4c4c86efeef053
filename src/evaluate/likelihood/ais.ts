/**
 * log Z by annealed importance sampling (Neal 2001): chains move from a simple p₀ to the model along
 * f_β = (1 - β) log p₀ + β f, β from 0 to 1, by HMC transitions that leave each f_β's density as it is. Each chain's weight has the
 * expectation Z, so the logarithm of their mean is below log Z (up to b nats with probability 1 - e^-b at least).
 *
 * Run backwards from exact samples of the model the weights have the expectation 1/Z, and bound log Z from above: bidirectional
 * Monte Carlo (Grosse, Ghahramani & Adams 2015).
 *
 * Chains move in {@link coordinates} of p₀'s own.
 */
import { add, mean, mul, sub, type Tensor, type TensorTree } from "../../graph/index.js";
import { logSumExp } from "../../metrics/index.js";
import { type Compiled, compileScan, type Feed, full, NdArray, type Rng } from "../../runtime/index.js";
import { hmc, type MetropolisNoise, type ParametricLogDensity } from "../../samplers/index.js";
import { type Base, type Coordinates, coordinates } from "./coordinates.js";

export interface AisOptions {
  /** Temperatures between p₀ and the model. Default 1000. */
  readonly steps?: number;
  /** Chains. Default 200. */
  readonly chains?: number;
  /** Leapfrog steps of a transition. Default 5. */
  readonly leapfrogSteps?: number;
  readonly rng: Rng;
  /** p₀. Default: standard normal. */
  readonly base?: Base;
  /** Exact samples of the model `[chains, …event]`, for the bound from above. */
  readonly exact?: NdArray;
  /** Called as temperatures are passed, those of the pilot path and of both directions counted together. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What the weights of one direction say. */
export interface AisEstimate {
  /** log Z: log of the mean weight forwards, minus that backwards. */
  readonly logPartition: number;
  /** Of `logPartition`, from the spread of the weights; means little where the effective sample size is small. */
  readonly standardError: number;
  /** Mean of the chains' own log Z: below log Z in expectation forwards, above it backwards. */
  readonly meanLogWeight: number;
  /** (Σw)² / Σw²: of how many independent exact draws the weights are worth; near 1 the estimate rests on one chain. */
  readonly effectiveSampleSize: number;
  /** Mean acceptance of the transitions. */
  readonly acceptance: number;
  readonly chains: number;
}

export interface AisResult {
  /** From p₀ to the model: a stochastic lower bound. */
  readonly forward: AisEstimate;
  /** From exact samples to p₀: a stochastic upper bound. Null where there are none. */
  readonly backward: AisEstimate | null;
}

/** Steepness of the sigmoidal schedule of β: most temperatures are near the ends, where the density changes fastest. */
const STEEPNESS = 4;
/** HMC's step size to start from, in units of p₀'s deviations, and how fast it adapts along the pilot path. */
const START = 0.1;
const ADAPTATION = 0.1;
/** Elements of the noise of one call of the engine, and temperatures: progress shows after each. */
const ELEMENTS_PER_CALL = 2 ** 22;
const STEPS_PER_CALL = 50;

/**
 * log Z of a log-density. Step sizes adapt on a pilot path and are held fixed on those that count, as the theory asks.
 * @param event shape of one x @param constants first argument of the log-density, in arrays
 * @throws RangeError for fewer than 2 chains or steps, or exact samples of another number.
 */
export async function annealedImportance<C extends TensorTree>(
  logDensity: ParametricLogDensity<C>,
  constants: Feed<C>,
  event: readonly number[],
  { steps = 1000, chains = 200, leapfrogSteps = 5, rng, base, exact, onProgress = () => {} }: AisOptions,
): Promise<AisResult> {
  if (!(steps >= 2 && chains >= 2)) throw new RangeError(`annealing ${chains} chains through ${steps} temperatures`);
  if (exact !== undefined && exact.shape[0] !== chains) {
    throw new RangeError(`${exact.shape[0]} exact samples for ${chains} chains`);
  }
  const space = coordinates(base ?? { kind: "gaussian", mean: [0], std: [1] }, event);
  const total = steps * (exact === undefined ? 2 : 3);
  let passed = 0;
  const onSteps = (count: number) => {
    passed += count;
    onProgress(passed, total);
  };
  const path = new AnnealingPath<C>(logDensity, constants, space, { leapfrogSteps, onSteps });
  const betas = schedule(steps);
  const start = () => space.sample(chains, rng);
  try {
    const pilot = await path.run(start(), betas, null, rng);
    const forward = await path.run(start(), betas, pilot.stepSizes, rng);
    if (exact === undefined) return { forward: summary(forward, 1), backward: null };
    const back = betas.slice().reverse();
    // The transition after arriving at β_t is at β_t in both directions: the step sizes of temperatures shift by one.
    const sizes = Float32Array.from([...pilot.stepSizes.slice(0, -1).reverse(), pilot.stepSizes[0]!]);
    const backward = await path.run(space.from(exact), back, sizes, rng);
    return { forward: summary(forward, 1), backward: summary(backward, -1) };
  } finally {
    await path.release();
  }
}

/** β_0 = 0 … β_T = 1, a sigmoid stretched to reach its ends. */
export function schedule(steps: number): Float64Array {
  const sigmoid = (t: number) => 1 / (1 + Math.exp(-STEEPNESS * (2 * t - 1)));
  const [low, high] = [sigmoid(0), sigmoid(1)];
  return Float64Array.from({ length: steps + 1 }, (_, t) => (sigmoid(t / steps) - low) / (high - low));
}

interface Walk {
  readonly logWeights: Float64Array;
  /** HMC's step size at each temperature. */
  readonly stepSizes: Float32Array;
  readonly acceptance: number;
}

type State<L> = { readonly position: L; readonly stepSize: L };
type Inputs<L> = {
  readonly from: L;
  readonly to: L;
  readonly noise: MetropolisNoise<L>;
  /** Step size to use, where it does not adapt. */
  readonly given: L;
};
type Report<L> = { readonly stepSize: L; readonly acceptance: L; readonly increment: L };
type Program<C> = Compiled<readonly [State<Tensor>, Inputs<Tensor>, C], [State<Tensor>, Report<Tensor>]>;

/** The path compiled once for each kind of run: with step sizes that adapt, and given ones. */
class AnnealingPath<C extends TensorTree> {
  private readonly programs: Readonly<Record<"adapting" | "fixed", Program<C>>>;

  constructor(
    logDensity: ParametricLogDensity<C>,
    private readonly constants: Feed<C>,
    { to: toInput, logPrior }: Coordinates,
    private readonly settings: { readonly leapfrogSteps: number; readonly onSteps: (count: number) => void },
  ) {
    const { leapfrogSteps } = settings;
    const sampler = hmc({ stepSize: START, leapfrogSteps, adaptationRate: ADAPTATION });
    const iterate =
      (adapting: boolean) =>
      (
        { position, stepSize }: State<Tensor>,
        { from, to, noise, given }: Inputs<Tensor>,
        model: C,
      ): [State<Tensor>, Report<Tensor>] => {
        const target = (u: Tensor) => {
          const { x, logVolume } = toInput(u);
          return add(logDensity(model, x), logVolume);
        };
        const increment = mul(sub(to, from), sub(target(position), logPrior(position)));
        const annealed = (u: Tensor) => add(mul(logPrior(u), sub(1, to)), mul(target(u), to));
        const start = sampler.init(annealed, position, adapting ? stepSize : given);
        const [next, info] = sampler.step(annealed, start, noise);
        const adapted = adapting ? sampler.adapt!(next, info).stepSize : given;
        return [
          { position: next.position, stepSize: adapted },
          { stepSize: start.stepSize, acceptance: mean(info.acceptanceProbability), increment },
        ];
      };
    const program = (adapting: boolean) => compileScan(iterate(adapting), { name: "annealing" });
    this.programs = { adapting: program(true), fixed: program(false) };
  }

  async run(position: NdArray, betas: Float64Array, stepSizes: Float32Array | null, rng: Rng): Promise<Walk> {
    const [chains] = position.shape as [number];
    const steps = betas.length - 1;
    const calls = Math.max((steps * position.size) / ELEMENTS_PER_CALL, steps / STEPS_PER_CALL);
    const length = Math.ceil(steps / Math.ceil(calls));
    const program = this.programs[stepSizes === null ? "adapting" : "fixed"];
    const logWeights = new Float64Array(chains); // increments are added up here: in double precision
    const used = new Float32Array(steps);
    let acceptance = 0;
    let state: State<NdArray> = { position, stepSize: full([], START) };
    for (let at = 0; at < steps; at += length) {
      const now = Math.min(length, steps - at);
      const slice = (values: ArrayLike<number>, from: number) =>
        new NdArray(
          Float32Array.from({ length: now }, (_, i) => values[from + i]!),
          [now],
        );
      const noise = {
        normal: rng.normal([now, ...position.shape]),
        uniform: rng.uniform([now, chains]),
      };
      const given = slice(stepSizes ?? new Float32Array(steps), at);
      const xs = { from: slice(betas, at), to: slice(betas, at + 1), noise, given };
      const [next, report] = await program(state, xs, this.constants);
      state = next;
      report.increment.data.forEach((v, i) => {
        logWeights[i % chains]! += v;
      });
      used.set(report.stepSize.data, at);
      acceptance += sum64(report.acceptance.data) / steps;
      this.settings.onSteps(now);
    }
    return { logWeights, stepSizes: used, acceptance };
  }

  async release(): Promise<void> {
    await this.programs.adapting.release();
    await this.programs.fixed.release();
  }
}

/** Sum in double precision. */
function sum64(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function summary({ logWeights, acceptance }: Walk, sign: 1 | -1): AisEstimate {
  const n = logWeights.length;
  const total = logSumExp(logWeights);
  const ess = Math.exp(2 * total - logSumExp(logWeights.map((w) => 2 * w)));
  return {
    logPartition: sign * (total - Math.log(n)),
    // var(w̄) / w̄² = (n / ess - 1) / (n - 1)
    standardError: Math.sqrt(Math.max(0, n / ess - 1) / (n - 1)),
    meanLogWeight: (sign * logWeights.reduce((a, b) => a + b, 0)) / n,
    effectiveSampleSize: ess,
    acceptance,
    chains: n,
  };
}
