/**
 * Outer negatives: pictures that are none of the data, from empty to noise, against which f is held down where neither data nor a
 * generator's samples are (after outlier exposure, Hendrycks et al. 2019, arXiv 1812.04606; nothing but the data itself is needed).
 */
import * as g from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { NdArray, type Rng } from "../../runtime/index.js";
import { child } from "../child.js";
import { randomField } from "./random-field.js";
import { collage, type Plane, shape } from "./random-shape.js";

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

/** A negative is own · x + grey · (x without its colours) + other · (the batch's next picture) + added; all planes but the last are `[H, W]`. */
interface Parts {
  readonly own: Float32Array;
  readonly grey: Float32Array;
  readonly other: Float32Array;
  /** `[C, H, W]`. */
  readonly added: Float32Array;
}

type Kind = (parts: Parts, rng: Rng) => void;

/** @throws ShapeError where the data are no pictures. */
export function outerNegatives({ event, range: [black, white], margin = 10 }: OuterOptions): OuterNegatives {
  if (event.length !== 3) throw new g.ShapeError("outer negatives", `need pictures [C, H, W], the data is [${event}]`);
  const [channels, height, width] = event as [number, number, number];
  const size: Plane = [height, width];
  const plane = height * width;
  const field = (out: Float32Array, rng: Rng) => randomField(out, [channels, height, width], [black, white], rng);
  const ofTwo = ({ own, other }: Parts) => other.set(own.map((v) => 1 - v));

  /** One picture of the data under a random field. */
  const faded: Kind = ({ own, added }, rng) => {
    const kept = 0.1 + 0.4 * rng.random();
    field(added, rng);
    for (let i = 0; i < added.length; i++) added[i]! *= 1 - kept;
    own.fill(kept);
  };
  const mean: Kind = (parts, rng) => {
    parts.own.fill(0.35 + 0.3 * rng.random());
    ofTwo(parts);
  };
  const collaged: Kind = (parts, rng) => {
    collage(parts.own, size, rng);
    ofTwo(parts);
  };
  /** A picture, one without colours or a field, seen through a shape in one colour. */
  const cutOut: Kind = ({ own, grey, added }, rng) => {
    const inside = new Float32Array(plane);
    shape(inside, size, rng);
    const what = rng.random();
    if (what < 0.4) field(added, rng);
    else (what < 0.7 ? own : grey).set(inside);
    const flat = rng.random() < 0.5 ? rng.below(2) : rng.random();
    for (let c = 0; c < channels; c++) {
      const colour = black + (white - black) * (rng.random() < 0.7 ? flat : rng.random());
      for (let p = 0; p < plane; p++)
        if (inside[p] === 0) added[c * plane + p] = colour;
        else if (what >= 0.4) added[c * plane + p] = 0;
    }
  };
  /** The photographic negative, in colours or grey; of pictures in colours also grey alone. */
  const recoloured: Kind = ({ own, grey, added }, rng) => {
    const part = rng.random() < 0.5 ? own : grey;
    const inverted = channels === 1 || part === own || rng.random() < 0.3;
    part.fill(inverted ? -1 : 1);
    if (inverted) added.fill(black + white);
  };
  /** By cumulated share. */
  const kinds: readonly (readonly [below: number, kind: Kind])[] = [
    [0.3, ({ added }, rng) => field(added, rng)],
    [0.45, faded],
    [0.65, mean],
    [0.75, collaged],
    [0.9, cutOut],
    [1, recoloured],
  ];

  return {
    noise(batch, rng) {
      const [own, grey, other] = [0, 1, 2].map(() => new Float32Array(batch * plane)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const added = new Float32Array(batch * channels * plane);
      for (let row = 0; row < batch; row++) {
        const of = (all: Float32Array, length: number) => all.subarray(row * length, (row + 1) * length);
        const parts = {
          own: of(own, plane),
          grey: of(grey, plane),
          other: of(other, plane),
          added: of(added, channels * plane),
        };
        const u = rng.random();
        const [, kind] = kinds.find(([below]) => u < below)!;
        kind(parts, rng);
      }
      const maps = (values: Float32Array) => new NdArray(values, [batch, 1, height, width]);
      return { own: maps(own), grey: maps(grey), other: maps(other), added: new NdArray(added, [batch, ...event]) };
    },
    draw(x, noise) {
      const next = g.concat([g.slice(x, { start: 1 }), g.slice(x, { end: 1 })]);
      const terms = [
        g.mul(x, child(noise, "own")),
        g.mul(next, child(noise, "other")),
        g.mul(g.mean(x, 1, true), child(noise, "grey")),
      ];
      const negatives = terms.reduce((a, b) => g.add(a, b), child(noise, "added"));
      return { x: g.stopGradient(negatives), margin };
    },
  };
}
