/**
 * MNIST, and Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv 1708.07747), which is published in files of the same names, shapes and
 * sizes: the folder says which set is meant, and the first labels whether it is that one.
 */
import type { Container, Layout } from "../container.js";
import { DataError, show } from "../error.js";
import { parseIdx } from "../formats/idx.js";
import { checkLabels, checkPixels, concatImages, type LabelledImages } from "../formats/labels.js";
import { type ImageDataset, type ImageOptions, imageDataset, type SplitRows, splitImages } from "../images.js";
import { partition } from "../partition.js";

const TRAIN = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] as const;
const TEST = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] as const;
/** Some mirrors have a dot where LeCun's page has a dash: `train-images.idx3-ubyte`. */
const alsoCalled = (name: string): string[] => [name.replace("-idx", ".idx")];
const SHAPE = [1, 28, 28] as const;

/** A set that is published in MNIST's files. */
interface IdxSet {
  readonly name: string;
  /** For messages. */
  readonly title: string;
  readonly classes: readonly string[];
  /** Where its files are looked for, below the data root. */
  readonly folders: readonly string[];
  /** Of its first test images. */
  readonly testLabels: readonly number[];
}

const MNIST: IdxSet = {
  name: "mnist",
  title: "MNIST",
  classes: Array.from({ length: 10 }, (_, d) => String(d)),
  folders: ["mnist", "MNIST/raw", "MNIST", "mnist/raw", "mnist/MNIST/raw", "."],
  testLabels: [7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6],
};

const FASHION: IdxSet = {
  name: "fashion-mnist",
  title: "Fashion-MNIST",
  classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  folders: ["fashion-mnist", "FashionMNIST/raw", "FashionMNIST", "fashion-mnist/raw", "fashion-mnist/FashionMNIST/raw"],
  testLabels: [9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5],
};

const layouts = ({ folders }: IdxSet, files: readonly string[]): readonly Layout[] => [
  { form: "folder", at: folders, files, alsoCalled },
];

export const MNIST_LAYOUTS = layouts(MNIST, [...TRAIN, ...TEST]);
/** For development where only the 10,000 test images are at hand. */
export const MNIST_TEST10K_LAYOUTS = layouts(MNIST, TEST);
export const FASHION_MNIST_LAYOUTS = layouts(FASHION, [...TRAIN, ...TEST]);

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

/** The test images. @throws DataError where they are those of the other set. */
async function readTest(files: Container, { title, folders }: IdxSet): Promise<LabelledImages> {
  const test = await readImages(files, TEST);
  const found = [MNIST, FASHION].find(({ testLabels }) => testLabels.every((label, i) => label === test.labels[i]));
  if (found !== undefined && found.title !== title)
    throw new DataError(
      files.where,
      `holds ${found.title}, not ${title}`,
      `use --dataset ${found.name}, or put the files of ${title} into ${folders[0]}/ below the data root`,
    );
  return test;
}

/** 60,000 training images, of which some become the validation split, and 10,000 test images. */
async function loadWhole(set: IdxSet, files: Container, options: ImageOptions): Promise<ImageDataset> {
  const train = await readImages(files, TRAIN);
  const test = await readTest(files, set);
  const parts = { images: concatImages([train, test]), trainSize: train.labels.length, notes: [] };
  return imageDataset({ name: set.name, shape: SHAPE, max: 255, classes: set.classes, ...parts }, options);
}

export const loadMnist = (files: Container, options: ImageOptions): Promise<ImageDataset> =>
  loadWhole(MNIST, files, options);

export const loadFashionMnist = (files: Container, options: ImageOptions): Promise<ImageDataset> =>
  loadWhole(FASHION, files, options);

/** MNIST's test images alone, divided 8,000 / 1,000 / 1,000. Results on it are not results on MNIST. */
export async function loadMnistTest10k(files: Container, options: ImageOptions): Promise<ImageDataset> {
  const { pixels, labels } = await readTest(files, MNIST);
  const tenth = Math.floor(labels.length / 10);
  const sizes = [labels.length - 2 * tenth, tenth, tenth];
  const [train, validation, test] = partition(labels.length, labels, sizes, options.splitSeed);
  const rows = { train, validation, test } as SplitRows;
  const notes = [`MNIST's test images only, divided ${sizes.map(show).join(" / ")}: for development, not for results`];
  return splitImages(
    { name: "mnist-test10k", shape: SHAPE, max: 255, classes: MNIST.classes, pixels, labels, rows, notes },
    options,
  );
}
