/** Splits whose rows are made when they are asked for: noise, constants, mixtures of other rows. */
import type { Split } from "../data/index.js";
import { sizeOf } from "../graph/index.js";
import { NdArray, streams } from "../runtime/index.js";

/** Rows computed one by one, each the same whenever it is asked for. */
class GeneratedSplit implements Split {
  readonly size: number;

  constructor(
    private readonly rows: Int32Array,
    private readonly event: readonly number[],
    /** Writes a row. */
    private readonly fill: (row: number, out: Float32Array) => void,
    readonly y: Int32Array | null,
  ) {
    this.size = rows.length;
  }

  x(indices: ArrayLike<number>): NdArray {
    const width = sizeOf(this.event);
    const data = new Float32Array(indices.length * width);
    for (let i = 0; i < indices.length; i++) {
      const row = this.rows[indices[i]!];
      if (row === undefined) throw new RangeError(`row ${indices[i]} of a split of ${this.size}`);
      this.fill(row, data.subarray(i * width, (i + 1) * width));
    }
    return new NdArray(data, [indices.length, ...this.event]);
  }

  subset(indices: ArrayLike<number>): Split {
    const at = Array.from(indices);
    const y = this.y && Int32Array.from(at, (i) => this.y![i]!);
    return new GeneratedSplit(
      Int32Array.from(at, (i) => this.rows[i]!),
      this.event,
      this.fill,
      y,
    );
  }
}

const count = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** The least and greatest value of each feature; one pair for all where features share their range, as pixels do. */
export interface Box {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

/** Independent uniform noise in a box. */
export function uniformNoise(n: number, event: readonly number[], box: Box, seed = 0): Split {
  const own = streams(seed);
  return new GeneratedSplit(
    count(n),
    event,
    (row, out) => {
      const rng = own.for(`uniform noise, row ${row}`); // whatever other rows are asked for
      for (let j = 0; j < out.length; j++) out[j] = within(box, j, rng.random());
    },
    null,
  );
}

/** One level for all features of a row, evenly spread over their ranges: pictures of a single grey, from black to white. */
export const constants = (n: number, event: readonly number[], box: Box): Split =>
  new GeneratedSplit(
    count(n),
    event,
    (row, out) => {
      const level = n === 1 ? 0 : row / (n - 1);
      for (let j = 0; j < out.length; j++) out[j] = within(box, j, level);
    },
    null,
  );

/** Means of two different rows of a split: each row with the next one of a random order. */
export function interpolations(split: Split, event: readonly number[], seed = 0): Split {
  const order = streams(seed).for("pairs of interpolations").permutation(split.size);
  return new GeneratedSplit(
    count(split.size > 1 ? split.size : 0),
    event,
    (row, out) => {
      const pair = split.x([order[row]!, order[(row + 1) % order.length]!]).data;
      for (let j = 0; j < out.length; j++) out[j] = (pair[j]! + pair[out.length + j]!) / 2;
    },
    null,
  );
}

/** Rows with Gaussian noise of this scale on every number. */
export function withNoise(split: Split, event: readonly number[], std: number, seed = 0): Split {
  const own = streams(seed);
  const fill = (row: number, out: Float32Array) => {
    const rng = own.for(`noise on inputs, row ${row}`);
    const { data } = split.x([row]);
    for (let j = 0; j < out.length; j++) out[j] = data[j]! + std * rng.gaussian();
  };
  return new GeneratedSplit(count(split.size), event, fill, split.y);
}

/** Grey pictures in colour, and colour pictures in grey (Rec. 601 weights), for models of the other kind. */
export function withChannels(split: Split, from: readonly number[], channels: number): Split {
  const [given, ...size] = from as [number, ...number[]];
  const plane = sizeOf(size);
  const weights = given === 3 ? [0.299, 0.587, 0.114] : [1];
  const fill = (row: number, out: Float32Array) => {
    const { data } = split.x([row]);
    for (let p = 0; p < plane; p++) {
      let grey = 0;
      for (let c = 0; c < given; c++) grey += weights[c]! * data[c * plane + p]!;
      for (let c = 0; c < channels; c++) out[c * plane + p] = grey;
    }
  };
  return new GeneratedSplit(count(split.size), [channels, ...size], fill, split.y);
}

const within = ({ low, high }: Box, j: number, u: number): number => {
  const [a, b] = [low[low.length === 1 ? 0 : j]!, high[high.length === 1 ? 0 : j]!];
  return a + (b - a) * u;
};
