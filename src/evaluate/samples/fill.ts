/**
 * Filling in what of a picture is hidden, by chains that follow f of the whole picture. The known pixels stay exactly as they are.
 *
 * With a generator the chains move in its latent space: they follow f(x) + log N(z; 0, I) + log N(known pixels; g(z), s² I), where x has the
 * known pixels and g(z) for the others, and what is filled in is g(z), without noise. They start where, of many draws, g(z) is nearest in
 * the known pixels, each result from another draw, and s shrinks on the way. Without a generator they move in the hidden pixels, from
 * uniform noise, as samples of such a model do.
 */
import type { GeneratorVariables } from "../../ebm/index.js";
import { add, mul, square, sub, sum, type Tensor } from "../../graph/index.js";
import { chunksOf, joinRows, sliceRows } from "../../metrics/moments.js";
import type { Variables } from "../../nn/index.js";
import type { TrainedRun } from "../../runs/index.js";
import { compile, NdArray, type Rng } from "../../runtime/index.js";
import { compileChains, mala } from "../../samplers/index.js";
import { rangeOf } from "../images.js";
import { coordinates } from "../likelihood/coordinates.js";
import type { Mask } from "./masks.js";

export interface FillOptions {
  /** Different ones for each picture. */
  readonly results: number;
  /** Transitions of MALA. */
  readonly steps: number;
  readonly rng: Rng;
  /** Called as transitions are done, of all chains together. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Filled {
  /** `[N · results, C, H, W]`: those of the first picture, then those of the second, … */
  readonly x: NdArray;
  readonly from: "generator" | "noise";
  /** Mean over the transitions that no longer adapt the step size; null without transitions. */
  readonly acceptance: number | null;
}

/** Draws of the generator that starts are chosen from. */
const POOL = 1000;
/** s, one after another, in half the way from black to white. */
const WIDTHS = [1, 0.5, 0.3] as const;
/** The step size where adaptation starts, and how fast it goes. */
const [START, RATE] = [0.001, 0.2];
/** Chains of one run, and draws of one call. */
const [CHAINS, CHUNK] = [256, 200];

type Constants<L> = {
  readonly energy: Variables<L>;
  /** Where there is one. */
  readonly generator?: GeneratorVariables<L>;
  /** 1 where a pixel is known `[1, 1, H, W]`. */
  readonly known: L;
  /** The given pictures `[B, C, H, W]`. */
  readonly given: L;
  /** 1 / s². */
  readonly precision: L;
};

/**
 * Fills in pictures.
 * @param given `[N, C, H, W]`, of which hidden pixels do not matter
 */
export async function fillIn(run: TrainedRun, given: NdArray, mask: Mask, options: FillOptions): Promise<Filled> {
  const { results, rng } = options;
  const filler = new Filler(run, mask);
  try {
    const start = await filler.start(given, results, rng);
    const tiled = repeated(given, results);
    const { positions, acceptance } = await filler.chains(start, tiled, options);
    const own = await filler.pictures(positions);
    const x = own.data.map((v, i) => (mask[i % mask.length] === 1 ? v : tiled.data[i]!)); // exactly
    return { x: new NdArray(x, tiled.shape), from: run.generator === null ? "noise" : "generator", acceptance };
  } finally {
    await filler.release();
  }
}

/** A run's chains for a mask, compiled once. */
class Filler {
  private readonly space: Space;
  private readonly constants;
  private readonly drawnBy: Pick<Constants<NdArray>, "generator">;
  private readonly runner;
  private readonly decode;
  /** Half the way from black to white. */
  private readonly unit: number;

  constructor(
    private readonly run: TrainedRun,
    private readonly mask: Mask,
  ) {
    const { model, generator, variables, info } = run;
    const [, height, width] = info.data.shape as [number, number, number];
    const range = rangeOf(info.data.preprocessing)!;
    this.unit = (range[1] - range[0]) / 2;
    this.space = generator === null ? pixels(range, info.data.shape) : latents(generator);
    const known = new NdArray(
      Float32Array.from(mask, (hidden) => 1 - hidden),
      [1, 1, height, width],
    );
    this.drawnBy = generator === null ? {} : { generator: generator.variables };
    this.constants = { energy: variables, ...this.drawnBy, known };
    const target = (c: Constants<Tensor>, position: Tensor) => {
      const { x: own, log } = this.space.at(c.generator, position);
      const x = add(mul(c.given, c.known), mul(own, sub(1, c.known)));
      const followed = add(model.evaluate(c.energy, x, { mode: "eval" }).logDensity, log);
      if (generator === null) return followed;
      const residual = sum(square(mul(sub(own, c.given), c.known)), [1, 2, 3]);
      return sub(followed, mul(mul(residual, c.precision), 0.5));
    };
    this.runner = compileChains(mala({ stepSize: START, adaptationRate: RATE }), target);
    const picture = (of: Pick<Constants<Tensor>, "generator">, position: Tensor) =>
      this.space.at(of.generator, position).x;
    this.decode = compile(picture, { name: "decode" });
  }

  /** Positions to start from, `results` for each picture: noise, or what makes the generator's draws that are nearest in the known pixels. */
  async start(given: NdArray, results: number, rng: Rng): Promise<NdArray> {
    const count = given.shape[0]! * results;
    if (this.run.generator === null) return this.space.draw(count, rng);
    const pool = this.space.draw(Math.max(POOL, results), rng);
    const near = nearest(given, await this.pictures(pool), this.mask, results);
    return joinRows(near.map((i) => sliceRows(pool, i, i + 1)));
  }

  /** Runs one chain from each position. @param given a picture for each */
  async chains(
    start: NdArray,
    given: NdArray,
    { steps, rng, onProgress = () => {} }: FillOptions,
  ): Promise<{ positions: NdArray; acceptance: number | null }> {
    const widths = this.run.generator === null ? [1] : WIDTHS;
    const total = steps * Math.ceil(start.shape[0]! / CHAINS);
    const ends: NdArray[] = [];
    const accepted: number[] = [];
    let done = 0;
    for (let at = 0; at < start.shape[0]!; at += CHAINS) {
      let init = sliceRows(start, at, at + CHAINS);
      let stepSize: number = START;
      for (const [i, width] of widths.entries()) {
        const length = Math.round(((i + 1) * steps) / widths.length) - Math.round((i * steps) / widths.length);
        if (length === 0) continue;
        const burnIn = i < widths.length - 1 ? length : Math.floor(length / 2);
        const precision = (width * this.unit) ** -2;
        const constants = { ...this.constants, given: sliceRows(given, at, at + CHAINS), precision };
        const counts = { burnIn, steps: length - burnIn, keepEvery: length };
        const { state, info } = await this.runner.run({
          constants,
          rng,
          init,
          stepSize,
          ...counts,
        });
        init = state.position;
        stepSize = state.stepSize.item();
        const { data } = info.acceptanceProbability;
        accepted.push(...data.slice(burnIn * init.shape[0]!));
        done += length;
        onProgress(done, total);
      }
      ends.push(init);
    }
    const acceptance = accepted.length === 0 ? null : accepted.reduce((a, b) => a + b, 0) / accepted.length;
    return { positions: joinRows(ends), acceptance };
  }

  /** The pictures at positions, the known pixels as they come. */
  async pictures(positions: NdArray): Promise<NdArray> {
    const parts: NdArray[] = [];
    for (const chunk of chunksOf(positions, CHUNK)) parts.push(await this.decode(this.drawnBy, chunk));
    return joinRows(parts);
  }

  async release(): Promise<void> {
    await this.runner.release();
    await this.decode.release();
  }
}

/** Each row so many times. */
const repeated = (x: NdArray, times: number): NdArray =>
  joinRows(
    Array.from({ length: x.shape[0]! * times }, (_, i) => Math.floor(i / times)).map((n) => sliceRows(x, n, n + 1)),
  );

/** Where chains move. */
interface Space {
  /** A position's picture `[B, C, H, W]`, and what its target has beside f. */
  readonly at: (
    generator: GeneratorVariables<Tensor> | undefined,
    position: Tensor,
  ) => { readonly x: Tensor; readonly log: Tensor | number };
  readonly draw: (count: number, rng: Rng) => NdArray;
}

/** Of a generator: z, and x = g(z). */
const latents = ({ model }: NonNullable<TrainedRun["generator"]>): Space => ({
  at(variables, z) {
    const { params, state } = variables!;
    const { mean } = model.mean({ params: params.g, state }, z, { mode: "eval" });
    return { x: mean, log: mul(sum(square(z), 1), -0.5) };
  },
  draw: (count, rng) => rng.normal([count, model.noiseDim]),
});

/** Of pixels: through the logistic function, so that none leaves its range. */
function pixels([low, high]: readonly [number, number], shape: readonly number[]): Space {
  const { to, sample } = coordinates({ kind: "box", low, high }, shape);
  const at: Space["at"] = (_, u) => {
    const { x, logVolume } = to(u);
    return { x, log: logVolume };
  };
  return { at, draw: sample };
}

/** For each picture the `results` rows of the pool that are nearest to it in the known pixels, the nearest first. */
function nearest(given: NdArray, pool: NdArray, mask: Mask, results: number): number[] {
  const size = given.size / given.shape[0]!;
  const places = Array.from({ length: size }, (_, i) => i).filter((i) => mask[i % mask.length] === 0);
  return Array.from({ length: given.shape[0]! }, (_, n) => n).flatMap((n) => {
    const distances = Array.from({ length: pool.shape[0]! }, (_, m) =>
      places.reduce((total, p) => total + (pool.data[m * size + p]! - given.data[n * size + p]!) ** 2, 0),
    );
    return Array.from(distances.keys())
      .sort((a, b) => distances[a]! - distances[b]!)
      .slice(0, results);
  });
}
