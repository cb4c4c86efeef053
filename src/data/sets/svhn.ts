/** SVHN, cropped digits, in its published MAT-files. */
import type { Container, Layout } from "../container.js";
import type { Dataset } from "../dataset.js";
import { DataError, show } from "../error.js";
import { checkLabels, checkPixels, type LabelledImages } from "../formats/labels.js";
import { type MatArray, parseMat5 } from "../formats/mat5.js";
import { type ImageOptions, imageDataset } from "../images.js";

const TRAIN = "train_32x32.mat";
const TEST = "test_32x32.mat";
export const SVHN_LAYOUTS: readonly Layout[] = [{ form: "folder", at: ["svhn", "SVHN", "."], files: [TRAIN, TEST] }];

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** Reads X `[32, 32, 3, n]` and y `[n, 1]`, of any type of numbers; class 10 is the digit 0. */
export function parseSvhn(bytes: Uint8Array, file: string): LabelledImages {
  const { X, y } = parseMat5(bytes, file, ["X", "y"]) as { X: MatArray; y: MatArray };
  const [height, width, channels, n = 1] = X.shape; // one image has no fourth dimension
  if (X.shape.length > 4 || height !== SIDE || width !== SIDE || channels !== 3)
    throw new DataError(file, `X is ${X.shape.join(" × ")}, 32 × 32 × 3 × n bytes expected`);
  if (y.data.length !== n) throw new DataError(file, `${show(y.data.length)} labels for ${show(n)} images`);
  const stored = checkPixels(X.data, file);
  const pixels = new Uint8Array(stored.length);
  // MATLAB stores columns, we store rows: each plane is transposed.
  for (let start = 0; start < pixels.length; start += PLANE)
    for (let row = 0; row < SIDE; row++)
      for (let col = 0; col < SIDE; col++) pixels[start + row * SIDE + col] = stored[start + col * SIDE + row]!;
  const digits = checkLabels(y.data, 10, file, 1).map((v) => (v + 1) % 10);
  return { pixels, labels: digits };
}

/** 73,257 training images, of which some become the validation split, and 26,032 test images. */
export async function loadSvhn(files: Container, options: ImageOptions): Promise<Dataset> {
  const train = parseSvhn(await files.bytes(TRAIN), files.label(TRAIN));
  const test = parseSvhn(await files.bytes(TEST), files.label(TEST));
  const classes = Array.from({ length: 10 }, (_, d) => String(d));
  return imageDataset({ name: "svhn", shape: [3, SIDE, SIDE], max: 255, classes, train, test, notes: [] }, options);
}
