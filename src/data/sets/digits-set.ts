/** The digits as a data set, from rows of their file: free of Node, for pages that bring the file themselves. */
import type { Dataset } from "../dataset.js";
import { type ImageOptions, splitImages } from "../images.js";
import { partition } from "../partition.js";

export const DIGIT_PIXELS = 64;
/** The file has no published split: a fifth of it is the test split, a tenth the validation split. */
const TEST = 0.2;
const VALIDATION = 0.1;

/**
 * @param pixels `[n, 64]`, from 0 to 16
 * @param labels `[n]`, from 0 to 9
 * @param options `validation` is a part of the whole set here
 */
export function digitsDataset(
  pixels: Uint8Array,
  labels: Int32Array,
  { validation = VALIDATION, ...options }: ImageOptions = {},
): Promise<Dataset> {
  const n = labels.length;
  const test = Math.round(TEST * n);
  const held = Math.round(validation * n);
  const [train, carved, tested] = partition(n, labels, [n - test - held, held, test], options.splitSeed);
  return splitImages(
    {
      name: "digits",
      shape: [1, 8, 8],
      max: 16,
      classes: Array.from({ length: 10 }, (_, d) => String(d)),
      pixels,
      labels,
      rows: { train: train!, validation: carved!, test: tested! },
      notes: [],
    },
    options,
  );
}
