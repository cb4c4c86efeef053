/**
 * MALA chains on a trained model: in the joint latent space (z, ε) of its generator, x = g(z) + σ ε, or in the space of inputs where it has
 * none (of pixels through the logistic function, so that none leaves its range). They follow f(x), or f(x)[y] = log p(x, y) up to a constant for a class y, as functions of the position.
 *
 * In latent space no Jacobian enters, nor the prior of z: a density of x would need both, and the generator has no inverse. As in
 * VERA's own evaluation this refines samples, and is not a sampler of p. Nothing holds ε near 0 either: it walks, and the noise σ ε grows
 * with the transitions. So what a chain comes to is shown without it, as the mean g(z) of the generator's outputs for its z.
 */
import type { GeneratorVariables } from "../../ebm/index.js";
import { add, mul, sum, type Tensor } from "../../graph/index.js";
import { chunksOf, joinRows, sliceRows } from "../../metrics/moments.js";
import type { Variables } from "../../nn/index.js";
import type { TrainedRun } from "../../runs/index.js";
import { compile, NdArray, type Rng } from "../../runtime/index.js";
import { compileChains, mala } from "../../samplers/index.js";
import { drawJoint, fromJoint } from "../../train/chains.js";
import { rangeOf } from "../images.js";
import { type Coordinates, coordinates } from "../likelihood/coordinates.js";
import { exactSamples } from "../likelihood/likelihood.js";

export interface RefineOptions {
  /** Transitions, of which about the first half adapt the step size. */
  readonly steps: number;
  readonly rng: Rng;
  /** One class for each chain; without, f is followed. */
  readonly classes?: Int32Array;
  /** Positions shown along the chains, ends included. Default 2. */
  readonly shown?: number;
  /** Called as transitions are done, of all chains together. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Refined {
  /** Inputs after the last transition, `[N, …event]`; of a generator the means g(z), without noise. */
  readonly x: NdArray;
  /** The positions that these are at: to go on from. */
  readonly positions: NdArray;
  /** The same along the first chains (256 at most), evenly spaced from their start to their end. */
  readonly along: readonly NdArray[];
  /** Mean acceptance probability of each transition. */
  readonly acceptance: Float64Array;
  /** Transitions that adapted the step size, the first ones. */
  readonly adaptation: number;
  /** As adapted by the last chains: τ, where noise has variance 2τ. */
  readonly stepSize: number;
}

/** The step size where adaptation starts, and how fast it goes: chains are short. */
const START = 0.1;
const RATE = 0.3;
/** Transitions from noise to a sample. */
export const NOISE_STEPS = 200;
/** Chains of one run. */
const CHAINS = 256;
/** Samples of one call. */
const CHUNK = 500;

/** `generator` where there is one, `chosen` where chains follow classes of their own. */
type Constants<L> = { readonly energy: Variables<L>; readonly generator?: GeneratorVariables<L>; readonly chosen?: L };

/** A run's sampler, compiled once. */
export class Refiner {
  readonly space: "latent" | "input";
  private readonly chains;
  private readonly decode;
  private readonly constants: Constants<NdArray>;
  /** Of inputs without a generator; null where they are positions themselves. */
  private readonly coordinates: Coordinates | null;

  constructor(private readonly run: TrainedRun) {
    const { model, generator } = run;
    this.space = generator === null ? "input" : "latent";
    this.constants = { energy: run.variables, ...(generator && { generator: generator.variables }) };
    const { preprocessing, shape } = run.info.data;
    const range = generator === null && run.config.density === "network" ? rangeOf(preprocessing) : null;
    this.coordinates = range && coordinates({ kind: "box", low: range[0], high: range[1] }, shape);
    const toInput = (c: Constants<Tensor>, position: Tensor) => {
      if (generator !== null) return fromJoint(generator.model, c.generator!, position);
      return this.coordinates?.to(position).x ?? position;
    };
    const target = (c: Constants<Tensor>, position: Tensor) => {
      const { logDensity, logits } = model.evaluate(c.energy, toInput(c, position), { mode: "eval" });
      const followed = c.chosen === undefined ? logDensity : sum(mul(logits!, c.chosen), 1);
      return add(followed, this.coordinates?.to(position).logVolume ?? 0);
    };
    this.chains = compileChains(mala({ stepSize: START, adaptationRate: RATE }), target);
    this.decode = compile(toInput, { name: "decode" });
  }

  /** Positions to start from: the latent prior, uniform pixels, or normal inputs. */
  start(count: number, rng: Rng): NdArray {
    const { generator, info } = this.run;
    if (generator !== null) return drawJoint(generator.model, count, rng);
    return this.coordinates?.sample(count, rng) ?? rng.normal([count, ...info.data.shape]);
  }

  /** The inputs at positions `[N, …]`. */
  async inputs(positions: NdArray): Promise<NdArray> {
    if (this.space === "input" && this.coordinates === null) return positions;
    const parts: NdArray[] = [];
    for (const chunk of chunksOf(positions, CHUNK)) parts.push(await this.decode(this.constants, chunk));
    return joinRows(parts);
  }

  /** The inputs that chains at positions `[N, …]` show: without the generator's noise. */
  private shown(positions: NdArray): Promise<NdArray> {
    const { generator } = this.run;
    return this.inputs(generator === null ? positions : withoutNoise(positions, generator.model.noiseDim));
  }

  /**
   * Runs one chain from each position `[N, …]`.
   * @throws TypeError for classes of a model that has none.
   */
  async refine(
    positions: NdArray,
    { steps, rng, classes, shown = 2, onProgress = () => {} }: RefineOptions,
  ): Promise<Refined> {
    const { model } = this.run;
    if (classes !== undefined && model.classes === null) throw new TypeError("the model has no classes");
    const length = Math.max(1, Math.ceil(steps / (shown - 1)));
    const adaptation = adaptationOf(steps, length);
    const total = steps * Math.ceil(positions.shape[0]! / CHAINS);
    const trace = new Float64Array(steps);
    const ends: NdArray[] = [];
    const along: NdArray[] = [];
    let stepSize = START;
    for (let at = 0; at < positions.shape[0]!; at += CHAINS) {
      let position = sliceRows(positions, at, at + CHAINS);
      const share = position.shape[0]! / positions.shape[0]!;
      const chosen = classes && { chosen: oneHotRows(classes.subarray(at, at + CHAINS), model.classes!) };
      const constants = { ...this.constants, ...chosen };
      if (at === 0) along.push(position);
      stepSize = START;
      for (let done = 0, now = 0; done < steps; done += now) {
        now = Math.min(length - (done % length), (done < adaptation ? adaptation : steps) - done);
        const part = done < adaptation ? { burnIn: now, steps: 0 } : { steps: now, keepEvery: now };
        const { state, info } = await this.chains.run({ constants, rng, init: position, stepSize, ...part });
        ({ position } = state);
        stepSize = state.stepSize.item();
        addMeans(trace.subarray(done), info, share);
        const reached = done + now;
        if (at === 0 && (reached % length === 0 || reached === steps)) along.push(position);
        onProgress((steps * at) / CHAINS + reached, total);
      }
      ends.push(position);
    }
    const decoded: NdArray[] = [];
    for (const position of along) decoded.push(await this.shown(position));
    const end = joinRows(ends);
    const x = await this.shown(end);
    return { x, positions: end, along: decoded, acceptance: trace, adaptation, stepSize };
  }

  async release(): Promise<void> {
    await this.chains.release();
    await this.decode.release();
  }
}

/**
 * Samples of a run without refinement, `[count, …event]`: of its generator, exact ones where the model has them, and else those of chains
 * of `steps` transitions from noise.
 */
export async function drawSamples(run: TrainedRun, count: number, rng: Rng, steps = NOISE_STEPS): Promise<NdArray> {
  if (run.generator === null && run.config.density !== "network") return exactSamples(run, count, rng);
  const refiner = new Refiner(run);
  try {
    const start = refiner.start(count, rng);
    return run.generator === null ? (await refiner.refine(start, { steps, rng })).x : await refiner.inputs(start);
  } finally {
    await refiner.release();
  }
}

/** Joint positions (z, ε) `[N, k + D]` with ε = 0. */
function withoutNoise({ data, shape: [count, width] }: NdArray, noiseDim: number): NdArray {
  const means = Float32Array.from(data, (value, i) => (i % width! < noiseDim ? value : 0));
  return new NdArray(means, [count!, width!]);
}

/** About half of the transitions, at the end of a part that is shown where there are several; never all. */
const adaptationOf = (steps: number, length: number): number =>
  length < steps ? length * Math.round(steps / 2 / length) : Math.floor(steps / 2);

function oneHotRows(labels: Int32Array, classes: number): NdArray {
  const rowsOf = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    rowsOf[i * classes + label] = 1;
  });
  return new NdArray(rowsOf, [labels.length, classes]);
}

/** Adds the mean acceptance of each transition, weighted. */
function addMeans(trace: Float64Array, info: unknown, weight: number): void {
  const { data, shape } = (info as { acceptanceProbability: NdArray }).acceptanceProbability;
  const chains = shape[1]!;
  for (let i = 0; i < data.length; i++) trace[Math.floor(i / chains)]! += (weight * data[i]!) / chains;
}
