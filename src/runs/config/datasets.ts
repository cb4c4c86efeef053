/**
 * What is known of a data set before it is loaded: enough to choose an architecture and refuse what cannot be. The data set itself
 * has the last word on its shape and classes.
 */
import {
  type Augmentation,
  CENTRED,
  CENTRED_STRONG,
  CROP,
  CROP_AND_FLIP,
  CROP_AND_FLIP_STRONG,
  CROP_STRONG,
  WRITTEN,
  WRITTEN_STRONG,
} from "../../data/augment.js";
import { TOY_NAMES } from "../../data/sets/toy.js";
import { tableName } from "../../tables/table-name.js";
import { ConfigError, suggestion } from "./error.js";

export interface SourceFacts {
  /** For messages and the run's folder. */
  readonly name: string;
  readonly kind: "toy" | "image" | "table";
  /** Of one example, `[C, H, W]` or `[D]`, before any resizing; null where the file must be read first. */
  readonly shape: readonly number[] | null;
  /** Number of classes, 0 for none; null where the file must be read first. */
  readonly classes: number | null;
  /** Changes that keep an image an image of its class; null for points and tables. */
  readonly views: Views | null;
}

export interface Views {
  /** As it might have been taken. */
  readonly weak: Augmentation;
  /** As far from that as its class bears. */
  readonly strong: Augmentation;
}

const DIGIT: Views = { weak: WRITTEN, strong: WRITTEN_STRONG };
const CLOTHES: Views = { weak: CENTRED, strong: CENTRED_STRONG };
const HOUSE_NUMBER: Views = { weak: CROP, strong: CROP_STRONG };
const PHOTOGRAPH: Views = { weak: CROP_AND_FLIP, strong: CROP_AND_FLIP_STRONG };

const facts = (
  kind: SourceFacts["kind"],
  shape: readonly number[],
  classes: number,
  views: Views | null = null,
): Omit<SourceFacts, "name"> => ({ kind, shape, classes, views });

/** Data sets that can be trained on, by the name the registry has for them. */
const DATASETS: Readonly<Record<string, Omit<SourceFacts, "name">>> = {
  ...Object.fromEntries(TOY_NAMES.map((name) => [name, facts("toy", [2], 0)])),
  digits: facts("image", [1, 8, 8], 10, DIGIT),
  mnist: facts("image", [1, 28, 28], 10, DIGIT),
  "mnist-test10k": facts("image", [1, 28, 28], 10, DIGIT),
  "fashion-mnist": facts("image", [1, 28, 28], 10, CLOTHES),
  stackedmnist: facts("image", [3, 28, 28], 1000, DIGIT),
  "stackedmnist-test10k": facts("image", [3, 28, 28], 1000, DIGIT),
  cifar10: facts("image", [3, 32, 32], 10, PHOTOGRAPH),
  cifar100: facts("image", [3, 32, 32], 100, PHOTOGRAPH),
  svhn: facts("image", [3, 32, 32], 10, HOUSE_NUMBER),
  hepmass: facts("table", [15], 2),
  human: facts("table", [523], 6),
  crop: facts("table", [174], 7),
};

export const DATASET_NAMES: readonly string[] = Object.keys(DATASETS);

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, "");

/** The registry's name for what the user typed: in any case, with any hyphens, and as the original has it. Undefined for anything else. */
export function knownDataset(typed: string): string | undefined {
  const wanted = plain(typed).replace(/^stackmnist/, "stackedmnist");
  return DATASET_NAMES.find((known) => plain(known) === wanted);
}

/** A data set, and which part of it. */
export interface DatasetPart {
  readonly name: string;
  /** Null where the name does not say. */
  readonly part: "train" | "validation" | "test" | null;
}

/** The parts of data sets that the original's eval.py names, and others alike: `cifar_test`, `svhn_train`. Null for anything else. */
export function datasetPart(typed: string): DatasetPart | null {
  const whole = knownDataset(typed);
  if (whole !== undefined) return { name: whole, part: null };
  const [, set, part] = /^(.+)[-_ ](train|validation|test)$/i.exec(typed) ?? [];
  const name = set === undefined ? undefined : knownSet(set);
  return name === undefined ? null : { name, part: part!.toLowerCase() as DatasetPart["part"] };
}

/** The data set whose images the original's `cifar_interp` takes the means of, and others alike. Null for anything else. */
export function interpolatedSet(typed: string): string | null {
  const [, set] = /^(.+)[-_ ]interp$/i.exec(typed) ?? [];
  return (set !== undefined && knownSet(set)) || null;
}

/** In such names `cifar` is CIFAR-10. */
const knownSet = (name: string): string | undefined => knownDataset(plain(name) === "cifar" ? "cifar10" : name);

/** The registry's name for what the user typed. @throws ConfigError where there is no such data set, or none to train on. */
export function datasetName(typed: string): string {
  const name = knownDataset(typed);
  if (name !== undefined) return name;
  if (plain(typed) === "celeba")
    throw new ConfigError(
      "--dataset celeba: it has no training part, and serves as out-of-distribution data in evaluation; " +
        "train on a folder of pictures with --image-folder",
    );
  const hint = suggestion(typed.toLowerCase(), DATASET_NAMES);
  throw new ConfigError(
    `--dataset: there is no data set "${typed}"${hint || `; there are ${DATASET_NAMES.join(", ")}`}`,
  );
}

export const datasetFacts = (name: string): SourceFacts => ({ name, ...DATASETS[name]! });

/** A folder's pictures are cut to squares of this many pixels unless `img-size` says otherwise. */
const FOLDER_SIZE = 32;

export const imageFolderFacts = (path: string): SourceFacts => ({
  name: baseName(path),
  kind: "image",
  shape: [3, FOLDER_SIZE, FOLDER_SIZE],
  classes: null,
  views: PHOTOGRAPH,
});

/** Of the images of a run. @throws TypeError where it has none */
export function viewsOf({ dataset, imageFolder }: { dataset: string | null; imageFolder: string | null }): Views {
  const source = dataset === null ? imageFolder && imageFolderFacts(imageFolder) : datasetFacts(dataset);
  if (!source || source.views === null) throw new TypeError("views are of images");
  return source.views;
}

/** The table of the user's own; null where the data are something else. */
export const tableOf = ({
  csv,
  table,
}: {
  readonly csv: string | null;
  readonly table: string | null;
}): string | null => csv ?? table;

export const tableFacts = (path: string, label: string | null): SourceFacts => ({
  name: tableName(path),
  kind: "table",
  shape: null,
  classes: label === null ? 0 : null,
  views: null,
});

const baseName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
