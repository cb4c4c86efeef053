/** What a model is evaluated on: its own data, another data set, files, or what is certainly not data. */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { allPictures, limitPictures, listPictures } from "../data/formats/image-folder.js";
import { readPictures } from "../data/formats/pictures.js";
import {
  allRows,
  DataError,
  type Dataset,
  FloatSplit,
  loadDataset,
  PixelArray,
  PixelSplit,
  type Preprocessing,
  pixelEnds,
  type Split,
  type TablePreprocessing,
} from "../data/index.js";
import { testPart } from "../data/sets/image-folder.js";
import { sizeOf } from "../graph/index.js";
import { DATASET_NAMES, type DatasetPart, datasetPart, interpolatedSet, type TrainedRun } from "../runs/index.js";
import { uniformRows } from "../runs/reports/odd-rows.js";
import { checkUnchanged, loadData } from "../runs/setup/source.js";
import { type NdArray, type Rng, streams } from "../runtime/index.js";
import { encodeTable } from "../tables/index.js";
import { type Box, constants, interpolations, uniformNoise, withChannels } from "./generated.js";

/** Some inputs, ready for the model. */
export interface Inputs {
  readonly name: string;
  readonly split: Split;
  /** Whether it is a split of the run's own data. */
  readonly own?: boolean;
}

export type SplitName = keyof Dataset["splits"];

export interface InputOptions {
  /** Folder of the data sets; default the run's own, else `$VERA_DATA`, else `./data`. */
  readonly dataRoot?: string;
  /** At most this many rows, drawn at random. */
  readonly limit?: number;
  /** Of what is drawn. Default 0. */
  readonly seed?: number;
}

/**
 * The data set that the run was trained on, with the same splits.
 * @throws DataError where it is missing, or has changed since: its test split may then hold what the model was trained on.
 */
export async function runData(run: TrainedRun, { dataRoot }: InputOptions = {}): Promise<Dataset> {
  const dataset = await loadData({ ...run.config, ...(dataRoot !== undefined && { dataRoot }) });
  const { fingerprint } = run.info.data; // empty where a checkpoint came without its data
  if (fingerprint !== "")
    checkUnchanged(dataset, fingerprint, "restore the data, or evaluate on other data: vera eval RUN --dataset");
  return dataset;
}

/** At most `limit` rows, drawn at random, in their order. */
export const limited = (split: Split, limit: number, rng: Rng): Split =>
  split.size <= limit ? split : split.subset(rng.choose(split.size, limit));

/** The same as an array `[≤ limit, …]`. */
export const someRows = (split: Split, limit: number, rng: Rng): NdArray => split.x(rng.choose(split.size, limit));

/** Names of inputs that are made, not loaded. */
export const MADE_INPUTS = ["uniform", "constant", "interp"] as const;

/**
 * Inputs by name: a made kind of {@link MADE_INPUTS}, a data set (its test split, or as `cifar_train` that; `cifar_interp` for means of its images), a CSV file, or a folder of pictures. Pictures are
 * resized, and turned grey or coloured, as the model needs them.
 * @param own the data in distribution, which made inputs follow in number and range.
 * @param options `labels`: keep classes, where they are the model's.
 * @throws DataError where there is nothing of that name, or it does not fit the model.
 */
export async function namedInputs(
  name: string,
  run: TrainedRun,
  own: Split | null,
  options: InputOptions & { readonly labels?: boolean } = {},
): Promise<Inputs> {
  const { shape, preprocessing } = run.info.data;
  const { seed = 0 } = options;
  if ((MADE_INPUTS as readonly string[]).includes(name)) {
    if (own === null) throw new DataError(name, "made inputs need data to follow");
    if (name === "interp") return { name, split: interpolations(own, shape, seed) };
    if (name === "uniform" && preprocessing.kind === "table") {
      const rng = streams(seed).for("uniform noise over a table");
      const noise = uniformRows(preprocessing, own.x(allRows(own.size)), rng);
      return { name, split: new FloatSplit(noise.data as Float32Array, shape, allRows(own.size), null) };
    }
    const box = boxOf(preprocessing, own);
    return {
      name,
      split: name === "uniform" ? uniformNoise(own.size, shape, box, seed) : constants(own.size, shape, box),
    };
  }
  const interpolated = interpolatedSet(name);
  if (interpolated !== null) {
    const { split } = await namedInputs(interpolated, run, own, options);
    return { name, split: interpolations(split, shape, seed) };
  }
  const path = isKnown(name) ? null : statSync(name, { throwIfNoEntry: false });
  const split =
    path === null || path === undefined
      ? await fromDataset(name, run, options)
      : path.isDirectory()
        ? await fromFolder(name, run, options)
        : await fromTable(name, run, options);
  if (split.size === 0) throw new DataError(name, "no rows");
  const { limit = split.size } = options;
  return { name: basename(name), split: limited(split, limit, streams(seed).for(`rows of ${name}`)) };
}

/** The images of CelebA serve evaluation alone. */
const partOf = (name: string): DatasetPart | null =>
  /^celeba$/i.test(name) ? { name: "celeba", part: null } : datasetPart(name);
const isKnown = (name: string): boolean => partOf(name) !== null;

async function fromDataset(
  name: string,
  run: TrainedRun,
  { dataRoot, limit, labels = false }: InputOptions & { readonly labels?: boolean },
): Promise<Split> {
  const { shape, preprocessing, classes } = run.info.data;
  const known = partOf(name);
  if (known === null)
    throw new DataError(
      name,
      "no such file, folder or data set",
      `there are ${[...MADE_INPUTS, ...DATASET_NAMES, "celeba"].join(", ")}`,
    );
  const root = dataRoot ?? run.config.dataRoot;
  const dataset = await loadDataset(known.name, {
    ...(root !== null && { root }),
    ...(limit !== undefined && { limit }),
    ...(preprocessing.kind === "image" && { scaling: preprocessing.scaling, imageSize: shape[1]! }),
  });
  // Another set's class 3 is not the model's, unless it is called the same.
  const same = labels && JSON.stringify(dataset.classes) === JSON.stringify(classes);
  const part = dataset.splits[known.part ?? "test"];
  const split = same ? part : withoutLabels(part);
  if (dataset.kind === "image" && preprocessing.kind === "image") {
    if (dataset.shape[0] === shape[0]) return split;
    if (preprocessing.scaling !== "logit") return withChannels(split, dataset.shape, shape[0]!);
  }
  if (sizeOf(dataset.shape) !== sizeOf(shape) || dataset.shape.length !== shape.length)
    throw new DataError(name, `its examples have shape [${dataset.shape}], the model takes [${shape}]`);
  return split;
}

const withoutLabels = (split: Split): Split => ({
  size: split.size,
  y: null,
  x: (indices, options) => split.x(indices, options),
  subset: (indices) => withoutLabels(split.subset(indices)),
});

async function fromFolder(
  folder: string,
  run: TrainedRun,
  { limit, labels = false }: InputOptions & { readonly labels?: boolean },
): Promise<Split> {
  const { shape, preprocessing, classes } = run.info.data;
  if (preprocessing.kind !== "image") throw new DataError(folder, `a folder, but the model takes ${kindOf(run)}`);
  const part = testPart(folder);
  const listed = labels ? listPictures(part, classes ?? undefined) : allPictures(part);
  const all = listed.pictures;
  const pictures = limit === undefined ? all : limitPictures(all, limit);
  const [channels, size] = shape as [1 | 3, number];
  const pixels = await readPictures([listed], pictures, size, channels);
  const store = new PixelArray(pixels, [channels, size, size], 255);
  const y = labels ? Int32Array.from(pictures, ({ label }) => label) : null;
  return new PixelSplit(store, allRows(pictures.length), y, preprocessing.scaling);
}

async function fromTable(
  file: string,
  run: TrainedRun,
  { labels = false }: InputOptions & { readonly labels?: boolean },
): Promise<Split> {
  const { preprocessing, shape } = run.info.data;
  if (preprocessing.kind !== "table") {
    const wayOut = preprocessing.kind === "image" ? "name the folder that they are in" : undefined;
    throw new DataError(file, `a file, but the model takes ${kindOf(run)}`, wayOut);
  }
  const { x, y } = await encodeTable(file, labels ? preprocessing : unlabelled(preprocessing));
  return new FloatSplit(x.data as Float32Array, shape, allRows(y.length), labels ? y : null);
}

/** Without the column of classes: rows out of distribution may be of classes that the model does not know. */
export const unlabelled = (table: TablePreprocessing): TablePreprocessing => ({ ...table, label: null });

/** What inputs are, for messages. */
export function kindOf(run: TrainedRun): string {
  const { preprocessing, name, shape } = run.info.data;
  if (preprocessing.kind === "image") return `pictures (trained on ${name})`;
  return preprocessing.kind === "table" ? `rows of a table (trained on ${name})` : `points of ${sizeOf(shape)} numbers`;
}

/** Black and white of pictures; for tables and points what each feature reaches in the data. */
function boxOf(preprocessing: Preprocessing, own: Split): Box {
  if (preprocessing.kind === "image") {
    const [low, high] = pixelEnds(preprocessing.scaling);
    return { low: [low], high: [high] };
  }
  const { data, shape } = own.x(allRows(own.size));
  const width = sizeOf(shape.slice(1));
  const low = new Float32Array(width).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
  data.forEach((v, i) => {
    low[i % width] = Math.min(low[i % width]!, v);
    high[i % width] = Math.max(high[i % width]!, v);
  });
  return { low, high };
}
