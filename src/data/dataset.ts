/**
 * What a data set is: three splits of rows, drawn as 32-bit floats when a batch needs them, and a description of how
 * they came about that can be stored with a model. Free of Node: data sets made in a web page have the same form.
 */
import { integers, type NdArray } from "../runtime/array.js";
import type { Rng } from "../runtime/random.js";
import type { Augmentation } from "./augment.js";
import type { Scaling } from "./scaling.js";
import type { TablePreprocessing } from "./table.js";

/** What may happen to rows on their way into a batch. */
export interface RowOptions {
  /** Draws augmentations and dequantisation noise. Without it rows are plain, the same at each call. */
  readonly rng?: Rng;
  /** Images only; needs `rng`. */
  readonly augmentation?: Augmentation;
}

/** Some rows of a data set. Nothing is copied until {@link Split.x} is called. */
export interface Split {
  /** Number of rows. */
  readonly size: number;
  /** The class of each row, -1 where it is not known; null for a set without classes. */
  readonly y: Int32Array | null;
  /** The given rows as the model takes them: f32 `[indices.length, ...shape]`. @throws RangeError outside 0 … size - 1. */
  x(indices: ArrayLike<number>, options?: RowOptions): NdArray;
  /** The given rows as a split of their own, in the order given. */
  subset(indices: ArrayLike<number>): Split;
}

/** How an image data set was prepared. */
export interface ImagePreprocessing {
  readonly kind: "image";
  readonly scaling: Scaling;
  /** The largest value a stored pixel can take: 255, or 16 for the 8×8 digits. */
  readonly max: number;
  /** Channels, height, width as published, before resizing; null for folders of images of many sizes. */
  readonly source: readonly [number, number, number] | null;
}

/** Serialisable: stored with a model, so that new data can be prepared the same way. */
export type Preprocessing = { readonly kind: "none" } | ImagePreprocessing | TablePreprocessing;

/** How the pixels of inputs are scaled; null where inputs are no images. */
export const scalingOf = (preprocessing: Preprocessing): Scaling | null =>
  preprocessing.kind === "image" ? preprocessing.scaling : null;

export interface Dataset {
  readonly name: string;
  readonly kind: "toy" | "image" | "table";
  /** Shape of one example: `[C, H, W]` or `[D]`. */
  readonly shape: readonly number[];
  /** Names of the classes, by label; null for a set without classes. */
  readonly classes: readonly string[] | null;
  /** `validation` is carved from the published training data, never from the test data. It may be empty. */
  readonly splits: { readonly train: Split; readonly validation: Split; readonly test: Split };
  /** How the splits came about: the same file, seed and sizes give the same rows. */
  readonly split: { readonly seed: number; readonly train: number; readonly validation: number; readonly test: number };
  /** Fresh examples without end, for the toy densities: f32 `[n, ...shape]`. Null where there are only the splits. */
  readonly sample: ((n: number, rng: Rng) => NdArray) | null;
  readonly preprocessing: Preprocessing;
  /** SHA-256 of the content: values, labels and which rows form which split. */
  readonly fingerprint: string;
  /** What a user should know: files that were missing, values that were filled in. */
  readonly notes: readonly string[];
}

/** Labels of the given rows of a split: i32 `[indices.length]`; null where the split has none. */
export function labels(split: Split, indices: ArrayLike<number>): NdArray | null {
  const { y } = split;
  return y && integers(Array.from(indices, (i) => y[i]!));
}

/** Rows whose class is known. */
export function labelled(split: Split): Int32Array {
  const { y } = split;
  return y === null ? new Int32Array(0) : allRows(y.length).filter((i) => y[i]! >= 0);
}

/** 0 … n - 1. */
export function allRows(n: number): Int32Array {
  const rows = new Int32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  return rows;
}
