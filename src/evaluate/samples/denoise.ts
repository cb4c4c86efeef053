/**
 * Denoising: a few transitions of MALA on f / T from given pictures, T being low, so that they climb f and add little noise of their own.
 * What is left of what was given is what the model has no objection to.
 */
import { mul, type Tensor } from "../../graph/index.js";
import { joinRows, sliceRows } from "../../metrics/moments.js";
import type { Variables } from "../../nn/index.js";
import type { TrainedRun } from "../../runs/index.js";
import { NdArray, type Rng } from "../../runtime/index.js";
import { compileChains, mala } from "../../samplers/index.js";
import { rangeOf } from "../images.js";

/** T. */
export const TEMPERATURE = 0.001;
/** The step size where adaptation starts, of T, and how fast it goes. */
const [START, RATE] = [0.03, 0.2];
/** Pictures of one run. */
const CHAINS = 256;

export interface DenoiseOptions {
  /** Transitions, of which the first half adapts the step size. */
  readonly steps: number;
  readonly rng: Rng;
  /** Called as transitions are done, of all chains together. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Denoised {
  /** `[N, C, H, W]`, within the range of pixels. */
  readonly x: NdArray;
  /** Mean over all transitions. */
  readonly acceptance: number;
}

/** @param given `[N, C, H, W]`, where one chain each starts */
export async function denoise(run: TrainedRun, given: NdArray, options: DenoiseOptions): Promise<Denoised> {
  const { steps, rng, onProgress = () => {} } = options;
  const target = (energy: Variables<Tensor>, x: Tensor) =>
    mul(run.model.evaluate(energy, x, { mode: "eval" }).logDensity, 1 / TEMPERATURE);
  const chains = compileChains(mala({ stepSize: START * TEMPERATURE, adaptationRate: RATE }), target);
  const [black, white] = rangeOf(run.info.data.preprocessing)!;
  const ends: NdArray[] = [];
  let [accepted, counted] = [0, 0];
  try {
    const calls = Math.ceil(given.shape[0]! / CHAINS);
    for (let call = 0; call < calls; call++) {
      const init = sliceRows(given, call * CHAINS, (call + 1) * CHAINS);
      const burnIn = Math.floor(steps / 2);
      const parts = { init, burnIn, steps: steps - burnIn, keepEvery: steps };
      const { state, info } = await chains.run({ constants: run.variables, rng, ...parts });
      ends.push(state.position);
      const { data } = info.acceptanceProbability;
      for (const p of data) [accepted, counted] = [accepted + p, counted + 1];
      onProgress((call + 1) * steps, calls * steps);
    }
  } finally {
    await chains.release();
  }
  const { data, shape } = joinRows(ends);
  return {
    x: new NdArray(
      Float32Array.from(data, (v) => Math.min(white, Math.max(black, v))),
      shape,
    ),
    acceptance: accepted / counted,
  };
}
