/** Image data sets from labelled pixels: splits, resizing, scaling. Free of Node. */
import { allRows, type Dataset } from "./dataset.js";
import { fingerprint } from "./fingerprint.js";
import type { LabelledImages } from "./formats/labels.js";
import { partition, SPLIT_SEED } from "./partition.js";
import { resizeImages } from "./resize.js";
import { PixelArray, type PixelSource, PixelSplit } from "./rows.js";
import type { Scaling } from "./scaling.js";

export interface ImageOptions {
  /** Default `symmetric`: [-1, 1]. */
  readonly scaling?: Scaling;
  /** Resize to squares of this many pixels. Default: as published. */
  readonly imageSize?: number;
  /** Part of the training data that becomes the validation split. Default 0.1. */
  readonly validation?: number;
  /** Of the splits. Default {@link SPLIT_SEED}. */
  readonly splitSeed?: number;
}

/** A data set whose images are stored as bytes. */
export interface ImageDataset extends Dataset {
  readonly splits: { readonly train: PixelSplit; readonly validation: PixelSplit; readonly test: PixelSplit };
}

/** What a set is before it is split. */
export interface ImageParts {
  readonly name: string;
  /** `[C, H, W]` as published. */
  readonly shape: readonly [number, number, number];
  /** The value of white. */
  readonly max: number;
  readonly classes: readonly string[] | null;
  /** Training images, then test images. */
  readonly images: LabelledImages;
  /** How many of them are training images. */
  readonly trainSize: number;
  readonly notes: readonly string[];
}

/** Rows of a set's store in each split. */
export interface SplitRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** Training rows 0 … trainSize - 1 divided into training and validation by class; the test rows follow them. */
export function carveValidation(
  labels: Int32Array | null,
  trainSize: number,
  size: number,
  { validation = 0.1, splitSeed = SPLIT_SEED }: Pick<ImageOptions, "validation" | "splitSeed">,
): SplitRows {
  if (!(validation >= 0 && validation < 1)) throw new RangeError(`a validation part of ${validation}: 0 to below 1`);
  const held = Math.round(validation * trainSize);
  const [train, carved] = partition(trainSize, labels, [trainSize - held, held], splitSeed);
  return { train: train!, validation: carved!, test: allRows(size).subarray(trainSize) };
}

/** Puts a published training and test set together: resized, with a validation split carved from the former. */
export function imageDataset(parts: ImageParts, options: ImageOptions): Promise<ImageDataset> {
  const { pixels, labels } = parts.images;
  const known = parts.classes === null ? null : labels;
  const rows = carveValidation(known, parts.trainSize, labels.length, options);
  return splitImages({ ...parts, pixels, labels: known, rows }, options);
}

export interface StoredImages extends Omit<ImageParts, "images" | "trainSize"> {
  /** `[n, C, H, W]`. */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array | null;
  readonly rows: SplitRows;
  /** Null for pictures of many sizes. Default: `shape`. */
  readonly source?: null;
}

/** The same, for images whose splits are known. */
export function splitImages(images: StoredImages, options: ImageOptions): Promise<ImageDataset> {
  const [channels, height, width] = images.shape;
  const { imageSize } = options;
  const resize = imageSize !== undefined && (imageSize !== height || imageSize !== width);
  const store = resize
    ? new PixelArray(
        resizeImages(images.pixels, images.shape, imageSize, 255 / images.max),
        [channels, imageSize, imageSize],
        255,
      )
    : new PixelArray(images.pixels, images.shape, images.max);
  return pixelDataset({ ...images, store, content: [store.data] }, options);
}

export interface PixelParts {
  readonly name: string;
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[] | null;
  readonly labels: Int32Array | null;
  readonly rows: SplitRows;
  readonly store: PixelSource;
  /** What the store draws from, for the fingerprint. */
  readonly content: readonly ArrayBufferView[];
  readonly source?: null;
  readonly notes: readonly string[];
}

/** The data set of a store of pixels and its splits. */
export async function pixelDataset(
  parts: PixelParts,
  { scaling = "symmetric", splitSeed = SPLIT_SEED }: ImageOptions,
): Promise<ImageDataset> {
  const { store, labels, rows, name, classes } = parts;
  const split = (r: Int32Array) => new PixelSplit(store, r, labels, scaling);
  const described = JSON.stringify({ shape: store.shape, max: store.max, scaling });
  return {
    name,
    kind: "image",
    shape: store.shape,
    classes,
    splits: { train: split(rows.train), validation: split(rows.validation), test: split(rows.test) },
    sample: null,
    split: { seed: splitSeed, train: rows.train.length, validation: rows.validation.length, test: rows.test.length },
    preprocessing: { kind: "image", scaling, max: store.max, source: parts.source === null ? null : parts.shape },
    fingerprint: await fingerprint([described, ...parts.content, labels ?? "", rows.train, rows.validation, rows.test]),
    notes: parts.notes,
  };
}
