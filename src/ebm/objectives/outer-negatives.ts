/**
 * Outer negatives: pictures that are none of the data, from empty to noise, against which f is held down where neither data nor a
 * generator's samples are (after outlier exposure, Hendrycks et al. 2019, arXiv 1812.04606; nothing but the data itself is needed).
 * Each is one of three kinds: a random field of any scale and contrast, of which constants and white noise are the ends; a
 * cross-fade of two data, or of one and such a field; a collage of two data, cut along blocks.
 */
import * as g from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { NdArray, type Rng } from "../../runtime/index.js";
import { child } from "../steps/step.js";
import { randomField } from "./random-field.js";

export interface OuterOptions {
  /** `[C, H, W]`. */
  readonly event: readonly number[];
  /** Values of black and white. */
  readonly range: readonly [black: number, white: number];
  /** By how much f shall be lower than at data. Default 10. */
  readonly margin?: number;
}

/** Negatives `[B, C, H, W]`, and by how much f shall be lower there. */
export interface Drawn {
  readonly x: g.Tensor;
  readonly margin: number;
}

export interface OuterNegatives {
  noise(batch: number, rng: Rng): Dict<NdArray>;
  /** Negatives made of random numbers and of data x `[B, C, H, W]`. */
  draw(x: g.Tensor, noise: Dict<g.Tensor>): Drawn;
}

/** Sides of a collage's blocks, in parts of the picture's. */
const CUTS = [2, 4, 8] as const;

/** @throws ShapeError where the data are no pictures. */
export function outerNegatives({ event, range: [black, white], margin = 10 }: OuterOptions): OuterNegatives {
  const [channels, height, width] = event;
  if (event.length !== 3) throw new g.ShapeError("outer negatives", `need pictures [C, H, W], the data is [${event}]`);
  const plane = height! * width!;
  const field = (out: Float32Array, rng: Rng) => randomField(out, [channels!, height!, width!], [black, white], rng);
  return {
    noise(batch, rng) {
      const own = new Float32Array(batch * plane);
      const other = new Float32Array(batch * plane);
      const added = new Float32Array(batch * channels! * plane);
      for (let row = 0; row < batch; row++) {
        const [a, b] = [own, other].map((of) => of.subarray(row * plane, (row + 1) * plane));
        const c = added.subarray(row * channels! * plane, (row + 1) * channels! * plane);
        const kind = rng.random();
        if (kind < 0.4) field(c, rng);
        else if (kind < 0.6) fade(a!, c, field, rng);
        else if (kind < 0.8) {
          a!.fill(0.35 + 0.3 * rng.random());
          b!.set(a!.map((v) => 1 - v));
        } else {
          collage(a!, [height!, width!], CUTS[rng.below(CUTS.length)]!, rng);
          b!.set(a!.map((v) => 1 - v));
        }
      }
      const maps = [batch, 1, height!, width!];
      return {
        own: new NdArray(own, maps),
        other: new NdArray(other, maps),
        added: new NdArray(added, [batch, ...event]),
      };
    },
    draw(x, noise) {
      const next = g.concat([g.slice(x, { start: 1 }), g.slice(x, { end: 1 })]);
      const mixed = g.add(g.mul(x, child(noise, "own")), g.mul(next, child(noise, "other")));
      return { x: g.stopGradient(g.add(mixed, child(noise, "added"))), margin };
    },
  };
}

/** One picture of the data and a random field over it. */
function fade(own: Float32Array, added: Float32Array, field: (out: Float32Array, rng: Rng) => void, rng: Rng): void {
  const kept = 0.1 + 0.4 * rng.random();
  field(added, rng);
  for (let i = 0; i < added.length; i++) added[i]! *= 1 - kept;
  own.fill(kept);
}

/** 1 in half of the blocks, drawn at random, and 0 in the others. */
function collage(own: Float32Array, [height, width]: readonly [number, number], cuts: number, rng: Rng): void {
  const chosen = new Uint8Array(cuts * cuts);
  for (const block of rng.choose(cuts * cuts, (cuts * cuts) / 2)) chosen[block] = 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      own[y * width + x] = chosen[Math.floor((y * cuts) / height) * cuts + Math.floor((x * cuts) / width)]!;
  }
}
