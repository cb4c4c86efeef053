/**
 * Random numbers on the host: xoshiro128++ (Blackman & Vigna 2019); normals by the ziggurat of Marsaglia & Tsang (2000) with 128 layers.
 * The state is four words and can be saved and restored. Inside this package streams have names (streams.ts).
 */
import type { Shape } from "../graph/shape.js";
import { NdArray } from "./array.js";
import { hash128 } from "./hash.js";
import { room } from "./outline.js";

/** Everything that determines what comes next. */
export type RngState = readonly [number, number, number, number];

// Ziggurat: layers of equal area under e^(-x²/2), from the tail inwards.
const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const THRESHOLD = new Uint32Array(LAYERS); // accept |u| below this without a further test
const WIDTH = new Float64Array(LAYERS); // u times this is the candidate
const HEIGHT = new Float64Array(LAYERS); // e^(-x²/2) at the layer's edge
{
  const range = 2 ** 31;
  let edge = TAIL;
  let next = TAIL;
  const q = AREA / Math.exp(-0.5 * edge * edge);
  THRESHOLD[0] = (edge / q) * range;
  WIDTH[0] = q / range;
  HEIGHT[0] = 1;
  WIDTH[LAYERS - 1] = edge / range;
  HEIGHT[LAYERS - 1] = Math.exp(-0.5 * edge * edge);
  for (let i = LAYERS - 2; i >= 1; i--) {
    edge = Math.sqrt(-2 * Math.log(AREA / edge + Math.exp(-0.5 * edge * edge)));
    THRESHOLD[i + 1] = (edge / next) * range;
    next = edge;
    HEIGHT[i] = Math.exp(-0.5 * edge * edge);
    WIDTH[i] = edge / range;
  }
}

/** A stream of random numbers. */
export class Rng {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  /** @param seed any integer, of which 32 bits count, spread by splitmix32: equal ones give equal streams; or a saved state. */
  constructor(seed: number | RngState) {
    if (typeof seed !== "number") {
      this.state = seed;
      return;
    }
    let s = seed | 0;
    const next = () => {
      s = (s + 0x9e3779b9) | 0;
      let z = s ^ (s >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.state = [next(), next(), next(), next()];
  }

  get state(): RngState {
    return [this.a, this.b, this.c, this.d];
  }

  set state([a, b, c, d]: RngState) {
    [this.a, this.b, this.c, this.d] = [a | 0, b | 0, c | 0, d | 0];
  }

  /** An independent stream: it starts at a hash of what this one draws next. */
  fork(): Rng {
    const drawn = Int32Array.of(this.int32(), this.int32(), this.int32(), this.int32());
    return new Rng(hash128(new Uint8Array(drawn.buffer)));
  }

  /** 32 random bits, as a signed integer. */
  int32(): number {
    const sum = (this.a + this.d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + this.a) | 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Uniform in [0, 1), 24 bits: exact in 32-bit floats. */
  random(): number {
    return (this.int32() >>> 8) * 2 ** -24;
  }

  /** Standard normal. */
  gaussian(): number {
    for (;;) {
      // The low seven bits choose the layer; without them the candidate keeps 25, independent of the layer.
      const bits = this.int32();
      const layer = bits & (LAYERS - 1);
      const u = bits & ~(LAYERS - 1);
      const x = u * WIDTH[layer]!;
      if (Math.abs(u) < THRESHOLD[layer]!) return x;
      if (layer === 0) return u > 0 ? this.tail() : -this.tail();
      if (HEIGHT[layer]! + this.random() * (HEIGHT[layer - 1]! - HEIGHT[layer]!) < Math.exp(-0.5 * x * x)) return x;
    }
  }

  /** Normal, given that it is beyond the outermost layer's edge (Marsaglia 1964). */
  private tail(): number {
    for (;;) {
      const x = -Math.log(1 - this.random()) / TAIL;
      const y = -Math.log(1 - this.random());
      if (y + y >= x * x) return TAIL + x;
    }
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.random53() * n);
  }

  /** Independent uniforms in [low, high). */
  uniform(shape: Shape, low = 0, high = 1): NdArray {
    const data = room(shape);
    for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * this.random();
    return new NdArray(data, shape);
  }

  /** Independent normals. */
  normal(shape: Shape, mean = 0, std = 1): NdArray {
    const data = room(shape);
    for (let i = 0; i < data.length; i++) data[i] = mean + std * this.gaussian();
    return new NdArray(data, shape);
  }

  /** `value` with probability p, else 0 (f32). */
  bernoulli(shape: Shape, p: number, value = 1): NdArray {
    const data = room(shape);
    const threshold = Math.round(p * 2 ** 32) - 2 ** 31;
    for (let i = 0; i < data.length; i++) data[i] = this.int32() < threshold ? value : 0;
    return new NdArray(data, shape);
  }

  /** 0 … n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** `count` of 0 … n - 1 without replacement, ascending; all where there are no more. */
  choose(n: number, count: number): Int32Array {
    return this.permutation(n).subarray(0, count).sort();
  }

  private random53(): number {
    return ((this.int32() >>> 5) * 2 ** 26 + (this.int32() >>> 6)) * 2 ** -53;
  }
}
