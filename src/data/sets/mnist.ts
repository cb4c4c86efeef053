/** MNIST in its published IDX files. */
import type { Container, Layout } from "../container.js";
import { DataError, show } from "../error.js";
import { parseIdx } from "../formats/idx.js";
import { checkLabels, checkPixels, type LabelledImages } from "../formats/labels.js";
import { type ImageDataset, type ImageOptions, imageDataset, type SplitRows, splitImages } from "../images.js";
import { partition } from "../partition.js";

const TRAIN = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] as const;
const TEST = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] as const;
const FOLDERS = ["mnist", "MNIST/raw", "MNIST", "mnist/raw", "mnist/MNIST/raw", "."];
/** Some mirrors have a dot where LeCun's page has a dash: `train-images.idx3-ubyte`. */
const alsoCalled = (name: string): string[] => [name.replace("-idx", ".idx")];
const SHAPE = [1, 28, 28] as const;
const CLASSES = Array.from({ length: 10 }, (_, d) => String(d));

export const MNIST_LAYOUTS: readonly Layout[] = [
  { form: "folder", at: FOLDERS, files: [...TRAIN, ...TEST], alsoCalled },
];
/** For development where only the 10,000 test images are at hand. */
export const MNIST_TEST10K_LAYOUTS: readonly Layout[] = [{ form: "folder", at: FOLDERS, files: TEST, alsoCalled }];

async function readImages(files: Container, [images, labels]: readonly [string, string]): Promise<LabelledImages> {
  const x = parseIdx(await files.bytes(images), files.label(images), 3);
  const y = parseIdx(await files.bytes(labels), files.label(labels), 1);
  const [n, height, width] = x.shape;
  if (height !== 28 || width !== 28)
    throw new DataError(files.label(images), `images of ${height}×${width}, 28×28 expected`);
  if (y.shape[0] !== n)
    throw new DataError(files.label(labels), `${show(y.shape[0]!)} labels for ${show(n!)} images: of different sets?`);
  return { pixels: checkPixels(x.data, files.label(images)), labels: checkLabels(y.data, 10, files.label(labels)) };
}

/** 60,000 training images, of which some become the validation split, and 10,000 test images. */
export async function loadMnist(files: Container, options: ImageOptions): Promise<ImageDataset> {
  const train = await readImages(files, TRAIN);
  const test = await readImages(files, TEST);
  return imageDataset({ name: "mnist", shape: SHAPE, max: 255, classes: CLASSES, train, test, notes: [] }, options);
}

/** MNIST's test images alone, divided 8,000 / 1,000 / 1,000. Results on it are not results on MNIST. */
export async function loadMnistTest10k(files: Container, options: ImageOptions): Promise<ImageDataset> {
  const { pixels, labels } = await readImages(files, TEST);
  const tenth = Math.floor(labels.length / 10);
  const sizes = [labels.length - 2 * tenth, tenth, tenth];
  const [train, validation, test] = partition(labels.length, labels, sizes, options.splitSeed);
  const rows = { train, validation, test } as SplitRows;
  const notes = [`MNIST's test images only, divided ${sizes.map(show).join(" / ")}: for development, not for results`];
  return splitImages(
    { name: "mnist-test10k", shape: SHAPE, max: 255, classes: CLASSES, pixels, labels, rows, notes },
    options,
  );
}
