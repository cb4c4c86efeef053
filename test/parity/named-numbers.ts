/** Numbers that Python (named_numbers.py) and TypeScript make alike, from a name: weights and noise that need not be stored. */
import { sizeOf } from "../../src/graph/index.js";
import { NdArray } from "../../src/runtime/index.js";

/** FNV-1a. */
export function seedOf(name: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
}

/** Mixed bits of an index. */
function hash(seed: number, i: number): number {
  let h = (Math.imul(i, 0x9e3779b1) + seed) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97) >>> 0;
  return (h ^ (h >>> 15)) >>> 0;
}

type Shape = readonly number[];

const made = (shape: Shape, value: (i: number) => number): NdArray =>
  new NdArray(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
    shape,
  );

const unit = (seed: number, i: number): number => (hash(seed, i) >>> 8) / 2 ** 24;

/** In [0, 1), multiples of 2^-24. */
export function uniform(name: string, shape: Shape): NdArray {
  const seed = seedOf(name);
  return made(shape, (i) => unit(seed, i));
}

/** In [-1, 1). */
export function symmetric(name: string, shape: Shape): NdArray {
  const seed = seedOf(name);
  return made(shape, (i) => unit(seed, i) * 2 - 1);
}

/** The sum of three uniform numbers: mean 0, variance 1. */
export function noise(name: string, shape: Shape): NdArray {
  const [a, b, c] = [0, 1, 2].map((k) => symmetric(`${name}|${k}`, shape).data) as [Float32Array, ...Float32Array[]];
  return made(shape, (i) => a[i]! + b![i]! + c![i]!);
}

export function classes(name: string, count: number, k: number): NdArray {
  const seed = seedOf(name);
  return new NdArray(
    Int32Array.from({ length: count }, (_, i) => Math.floor(unit(seed, i) * k)),
    [count],
  );
}

/** What a parameter of this name starts from: of a size that keeps activations near 1. */
export function weight(name: string, shape: Shape): NdArray {
  const last = name.split(".").at(-1)!;
  const seed = seedOf(name);
  const u = (i: number) => unit(seed, i) * 2 - 1;
  if (last === "logsigma" || last === "post_logsigma") return made(shape, (i) => Math.log(0.1) + 0.1 * u(i));
  if (last === "weight_g" || (last === "weight" && shape.length === 1)) return made(shape, (i) => 1 + 0.1 * u(i));
  if (last === "logstd" || shape.length === 1) return made(shape, (i) => 0.1 * u(i));
  const scale = Math.sqrt(3 / sizeOf(shape.slice(1)));
  return made(shape, (i) => u(i) * scale);
}

/** The norm of an array, and its sums with random signs; see named_numbers.py. */
export function sketch(values: ArrayLike<number>, bits = 8): number[] {
  const seed = seedOf("sketch");
  const sums = new Array<number>(bits).fill(0);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    squares += v * v;
    const h = hash(seed, i) >>> 8;
    for (let k = 0; k < bits; k++) sums[k]! += (h >>> k) & 1 ? v : -v;
  }
  return [Math.sqrt(squares), ...sums];
}

/** ‖a - b‖, estimated from sketches. */
export const distance = ([, ...a]: readonly number[], [, ...b]: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0) / a.length);
