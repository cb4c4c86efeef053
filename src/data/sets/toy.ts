/**
 * Eight densities in the plane, drawn afresh for each batch. They are the ones of FFJORD (Grathwohl et al. 2019), at the scales the
 * VERA experiments use; moons, circles and swissroll are scikit-learn's. Free of Node.
 */
import { NdArray } from "../../runtime/array.js";
import type { Rng } from "../../runtime/random.js";
import { streams } from "../../runtime/streams.js";
import { allRows, type Dataset } from "../dataset.js";
import { fingerprint } from "../fingerprint.js";
import { SPLIT_SEED } from "../partition.js";
import { FloatSplit } from "../rows.js";

/** Draws one point. */
type Point = (rng: Rng) => readonly [number, number];

const TAU = 2 * Math.PI;

const DENSITIES = {
  /** Two half circles of radius 1 that interlock, noise 0.1; doubled, and moved to the middle. */
  moons: (rng) => {
    const t = Math.PI * rng.random();
    const [x, y] = rng.below(2) === 0 ? [Math.cos(t), Math.sin(t)] : [1 - Math.cos(t), 0.5 - Math.sin(t)];
    return [2 * (x + 0.1 * rng.gaussian()) - 1, 2 * (y + 0.1 * rng.gaussian()) - 0.2];
  },

  /** Circles of radius 3 and 1.5, noise 0.24. */
  circles: (rng) => {
    const t = TAU * rng.random();
    const r = rng.below(2) === 0 ? 1 : 0.5;
    return [3 * (r * Math.cos(t) + 0.08 * rng.gaussian()), 3 * (r * Math.sin(t) + 0.08 * rng.gaussian())];
  },

  /** Eight Gaussians on a circle of radius 4, standard deviation 0.5, all divided by √2. */
  "8gaussians": (rng) => {
    const t = (TAU / 8) * rng.below(8);
    return [
      (4 * Math.cos(t) + 0.5 * rng.gaussian()) / Math.SQRT2,
      (4 * Math.sin(t) + 0.5 * rng.gaussian()) / Math.SQRT2,
    ];
  },

  /** Five blades: Gaussians of deviations 0.3 × 0.1 around (1, 0), twisted by e^radius / 4, doubled. */
  pinwheel: (rng) => {
    const along = 1 + 0.3 * rng.gaussian();
    const across = 0.1 * rng.gaussian();
    const angle = (TAU / 5) * rng.below(5) + 0.25 * Math.exp(along);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [2 * (along * cos + across * sin), 2 * (-along * sin + across * cos)];
  },

  /** Two spirals of one and a half turns, noise 0.1. */
  "2spirals": (rng) => {
    const t = Math.sqrt(rng.random()) * 1.5 * TAU;
    const x = -Math.cos(t) * t + 0.5 * rng.random();
    const y = Math.sin(t) * t + 0.5 * rng.random();
    const arm = rng.below(2) === 0 ? 1 : -1;
    return [(arm * x) / 3 + 0.1 * rng.gaussian(), (arm * y) / 3 + 0.1 * rng.gaussian()];
  },

  /** The dark squares of a 4 × 4 board on [-4, 4]². */
  checkerboard: (rng) => {
    const x = 4 * rng.random() - 2;
    const y = rng.random() - 2 * rng.below(2) + (Math.floor(x) & 1);
    return [2 * x, 2 * y];
  },

  /** Four rings of radii 0.75, 1.5, 2.25 and 3, noise 0.08. */
  rings: (rng) => {
    const t = TAU * rng.random();
    const r = 0.75 * (1 + rng.below(4));
    return [r * Math.cos(t) + 0.08 * rng.gaussian(), r * Math.sin(t) + 0.08 * rng.gaussian()];
  },

  /** A spiral t (cos t, sin t), t from 1.5π to 4.5π, noise 1, divided by 5. */
  swissroll: (rng) => {
    const t = 1.5 * Math.PI * (1 + 2 * rng.random());
    return [(t * Math.cos(t) + rng.gaussian()) / 5, (t * Math.sin(t) + rng.gaussian()) / 5];
  },
} as const satisfies Record<string, Point>;

export type ToyName = keyof typeof DENSITIES;
export const TOY_NAMES = Object.keys(DENSITIES) as readonly ToyName[];
export const isToy = (name: string): name is ToyName => Object.hasOwn(DENSITIES, name);

/** Independent points of a toy density: f32 `[n, 2]`. */
export function sampleToy(name: ToyName, n: number, rng: Rng): NdArray {
  const density: Point = DENSITIES[name];
  const out = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) out.set(density(rng), 2 * i);
  return new NdArray(out, [n, 2]);
}

/** Points of the fixed splits, which serve evaluation; training draws fresh ones. */
const SIZES = { train: 10_000, validation: 2_000, test: 10_000 };

/** A toy density as a data set: `sample` draws fresh points, the splits are fixed draws. */
export async function toyDataset(name: ToyName): Promise<Dataset> {
  const draw = (part: keyof typeof SIZES) =>
    sampleToy(name, SIZES[part], streams(SPLIT_SEED).for(`${part} split of ${name}`)).data as Float32Array;
  const values = { train: draw("train"), validation: draw("validation"), test: draw("test") };
  const split = (x: Float32Array) => new FloatSplit(x, [2], allRows(x.length / 2), null);
  return {
    name,
    kind: "toy",
    shape: [2],
    classes: null,
    splits: { train: split(values.train), validation: split(values.validation), test: split(values.test) },
    sample: (n, stream) => sampleToy(name, n, stream),
    split: { seed: SPLIT_SEED, ...SIZES },
    preprocessing: { kind: "none" },
    fingerprint: await fingerprint([name, values.train, values.validation, values.test]),
    notes: [],
  };
}
