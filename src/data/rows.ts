/** The two kinds of split: rows of floats (tables, points) and images stored as bytes. */
import { sizeOf } from "../graph/shape.js";
import { NdArray } from "../runtime/array.js";
import { augment } from "./augment.js";
import type { RowOptions, Split } from "./dataset.js";
import { type Scaling, scalePixels } from "./scaling.js";

/** Rows of a store that form a split, and their labels. */
class Selection {
  readonly size: number;
  readonly y: Int32Array | null;

  /** @param labels one for each row of the store. */
  constructor(
    readonly rows: Int32Array,
    labels: Int32Array | null,
  ) {
    this.size = rows.length;
    this.y = labels && Int32Array.from(rows, (row) => labels[row]!);
  }

  row(i: number): number {
    const row = this.rows[i];
    if (row === undefined) throw new RangeError(`row ${i} of a split of ${this.size}`);
    return row;
  }

  choose(indices: ArrayLike<number>): Int32Array {
    return Int32Array.from(indices, (i) => this.row(i));
  }
}

/** Rows of floats, already as the model takes them. */
export class FloatSplit extends Selection implements Split {
  /**
   * @param values f32 `[n, ...shape]`, shared by the splits of a data set.
   * @param rows those that form this split.
   * @param labels one for each of the n rows.
   */
  constructor(
    private readonly values: Float32Array,
    private readonly shape: readonly number[],
    rows: Int32Array,
    private readonly labels: Int32Array | null,
  ) {
    super(rows, labels);
  }

  x(indices: ArrayLike<number>): NdArray {
    const width = sizeOf(this.shape);
    const out = new Float32Array(indices.length * width);
    for (let i = 0; i < indices.length; i++) {
      const start = this.row(indices[i]!) * width;
      out.set(this.values.subarray(start, start + width), i * width);
    }
    return new NdArray(out, [indices.length, ...this.shape]);
  }

  subset(indices: ArrayLike<number>): FloatSplit {
    return new FloatSplit(this.values, this.shape, this.choose(indices), this.labels);
  }
}

/** Images as bytes. */
export interface PixelSource {
  /** `[C, H, W]`. */
  readonly shape: readonly [number, number, number];
  /** The largest value a pixel can take. */
  readonly max: number;
  /** Writes one image to `out`, from `offset`. */
  copy(row: number, out: Uint8Array, offset: number): void;
}

/** Images one after the other. */
export class PixelArray implements PixelSource {
  /** @param data `[n, C, H, W]`. */
  constructor(
    readonly data: Uint8Array,
    readonly shape: readonly [number, number, number],
    readonly max: number,
  ) {}

  copy(row: number, out: Uint8Array, offset: number): void {
    const size = sizeOf(this.shape);
    out.set(this.data.subarray(row * size, (row + 1) * size), offset);
  }
}

/** Images: augmented as bytes, then scaled to floats. */
export class PixelSplit extends Selection implements Split {
  /** @param labels one for each image of the source. */
  constructor(
    private readonly source: PixelSource,
    rows: Int32Array,
    private readonly labels: Int32Array | null,
    private readonly scaling: Scaling,
  ) {
    super(rows, labels);
  }

  x(indices: ArrayLike<number>, { rng, augmentation }: RowOptions = {}): NdArray {
    const { shape, max } = this.source;
    let pixels: Uint8Array = this.pixels(indices);
    if (rng !== undefined && augmentation !== undefined) pixels = augment(pixels, shape, augmentation, rng);
    return new NdArray(scalePixels(pixels, max, this.scaling, rng), [indices.length, ...shape]);
  }

  /** The stored bytes of some rows: `[indices.length, C, H, W]`. */
  pixels(indices: ArrayLike<number>): Uint8Array {
    const size = sizeOf(this.source.shape);
    const out = new Uint8Array(indices.length * size);
    for (let i = 0; i < indices.length; i++) this.source.copy(this.row(indices[i]!), out, i * size);
    return out;
  }

  subset(indices: ArrayLike<number>): PixelSplit {
    return new PixelSplit(this.source, this.choose(indices), this.labels, this.scaling);
  }
}
