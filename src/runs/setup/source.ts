/** The data that a configuration asks for, as streams of batches. */
import {
  type Batches,
  DataError,
  type Dataset,
  labelled,
  labelledSubset,
  loadDataset,
  loadImageFolder,
  ShuffledBatches,
  type Split,
  trainingBatches,
} from "../../data/index.js";
import { loadTable, type ReadOptions, type TableDataset } from "../../tables/index.js";
import { ConfigError, hasClassNetwork, type READING, type TrainConfig, viewsOf } from "../config/index.js";
import { classCounts } from "./base.js";
import { isTableClassifier, isTaught } from "./classifier.js";

/** How the table is to be read. (Runs of earlier versions have none of these settings.) */
const readOptions = (config: TrainConfig): ReadOptions => ({
  ...readingOf(config),
  query: config.query ?? undefined,
  threads: config.threads ?? undefined,
});

/** What is said of a file's form, by options of training and of scoring. */
export const readingOf = (values: Partial<Pick<TrainConfig, keyof typeof READING>>): ReadOptions => ({
  encoding: values.encoding ?? undefined,
  delimiter: values.delimiter == null ? undefined : delimiterOf(values.delimiter),
  decimal: values.decimal ?? undefined,
  header: values.header ?? undefined,
  missing: values.missing ?? [],
});

const NAMED_DELIMITERS: Readonly<Record<string, string>> = {
  tab: "\t",
  "\\t": "\t",
  comma: ",",
  semicolon: ";",
  bar: "|",
  pipe: "|",
  blank: " ",
  space: " ",
};

/** @throws ConfigError where it is not one character, or its name. */
function delimiterOf(text: string): string {
  if ([...text].length === 1 && !/["\n\r]/.test(text)) return text;
  if (Object.hasOwn(NAMED_DELIMITERS, text.toLowerCase())) return NAMED_DELIMITERS[text.toLowerCase()]!;
  throw new ConfigError(
    `--delimiter takes one character, or ${Object.keys(NAMED_DELIMITERS).join(", ")}, not "${text}"`,
  );
}

/** Loads the data set, the table or the folder of pictures. @throws DataError where files are missing or damaged. */
export async function loadData(config: TrainConfig): Promise<Dataset | TableDataset> {
  const image = { scaling: config.scaling, ...(config.imgSize !== null && { imageSize: config.imgSize }) };
  const table = config.csv ?? config.table ?? null;
  if (table !== null) {
    return loadTable(table, {
      ...readOptions(config),
      ...(config.label !== null && { label: /^-?\d+$/.test(config.label) ? Number(config.label) : config.label }),
      measured: config.mode === "base-only" ? "all" : "train",
      // It holds rows out itself, and learns from all in turn.
      ...(isTableClassifier(config) && { validation: 0, test: 0 }),
      ignore: config.ignore ?? [],
      categorical: config.categorical ?? [],
      numeric: config.numeric ?? [],
    });
  }
  if (config.imageFolder !== null) return loadImageFolder(config.imageFolder, image);
  return loadDataset(config.dataset!, { ...image, ...(config.dataRoot !== null && { root: config.dataRoot }) });
}

/**
 * Whether data is what a run was trained on: else its test split may hold what the model learned from.
 * @throws DataError where it is not; for data from files `wayOut` says what to do
 */
export function checkUnchanged({ name, fingerprint, sample }: Dataset, trainedOn: string, wayOut?: string): void {
  if (fingerprint === trainedOn) return;
  const drawn = sample !== null || name.startsWith("stacked");
  throw new DataError(
    name,
    "not the data that the model was trained on: its fingerprint differs, so its splits may, too",
    drawn ? "it is drawn, and earlier versions drew it otherwise: train the run anew" : wayOut,
  );
}

/** Training batches of all examples, and of the labelled ones where training is given few labels. */
export interface TrainBatches {
  readonly batches: Batches;
  readonly labeled: Batches | null;
}

/**
 * Training with all labels sees the labelled examples only; without, or with few, all of them.
 * @throws ConfigError where there are no classes.
 */
export function trainBatches(config: TrainConfig, dataset: Dataset): TrainBatches {
  const { batchSize, seed, labels, consistency } = config;
  const { augmentation } = config;
  const plain = { batchSize, seed };
  const changed = augmentation === null ? plain : { ...plain, augmentation };
  // Changes that leave the class alone are none of the data's: where classes have a network of their own, it alone sees them.
  const options = augmentation !== null && hasClassNetwork(config) ? { ...plain, view: augmentation } : changed;
  if (labels === "none") return { batches: trainingBatches(dataset, options), labeled: null };
  if (dataset.classes === null) {
    throw new ConfigError(
      `${dataset.name} has no classes: this mode learns from labels (for a table, name the column with --label)`,
    );
  }
  const known = labelledRows(config, dataset);
  if (labels === "all") return { batches: new ShuffledBatches(known, options), labeled: null };
  const labeled = new ShuffledBatches(known, {
    ...changed,
    stream: "labelled batches",
    remainder: "cycle",
  });
  const views = consistency > 0 ? { ...options, strong: viewsOf(config).strong } : options;
  return { batches: trainingBatches(dataset, views), labeled };
}

/** The training rows whose classes a run learns from. */
export function labelledRows(
  { labels, labelsPerClass, seed }: Pick<TrainConfig, "labels" | "labelsPerClass" | "seed">,
  { classes, splits: { train } }: Dataset,
): Split {
  const known = labels === "few" ? labelledSubset(train.y!, classes!.length, labelsPerClass, seed) : labelled(train);
  return known.length === train.size ? train : train.subset(known);
}

/** Where labels are fewer than a user may think: of some classes, or of the rows. */
export function labelNotes(config: TrainConfig, { classes, splits }: Dataset): string[] {
  const { labels, labelsPerClass } = config;
  if (classes === null) return [];
  if (labels === "all" && isTableClassifier(config) && labelled(splits.train).length < splits.train.size / 2)
    return [
      isTaught(config, splits.train)
        ? "most rows have no class: a teacher that is made from those that have one speaks for the others"
        : "the classifier learns from rows with a class alone, and most have none",
    ];
  if (labels !== "few") return [];
  const counts = classCounts(splits.train, classes.length);
  const short = classes.flatMap((name, c) => (counts[c]! < labelsPerClass ? [`"${name}" (${counts[c]})`] : []));
  if (short.length === 0) return [];
  const some = short.slice(0, 5).join(", ") + (short.length > 5 ? `, … (${short.length} classes)` : "");
  return [`fewer than ${labelsPerClass} labels, all of which are used: ${some}`];
}
