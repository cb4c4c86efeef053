/** What the published tables share: the rule by which features are dropped, standardisation, packaging. */
import type { Dataset } from "../dataset.js";
import { fingerprint } from "../fingerprint.js";
import type { NumericTable } from "../formats/numeric-text.js";
import { SPLIT_SEED } from "../partition.js";
import { FloatSplit } from "../rows.js";
import { featureNames, moments, type TablePreprocessing } from "../table.js";

export interface TableOptions {
  /** Part of the training data that becomes the validation split. Default 0.1. */
  readonly validation?: number;
  /** Of the splits. Default {@link SPLIT_SEED}. */
  readonly splitSeed?: number;
}

/** A feature goes where its smallest value occurs more often than this. */
const MAX_REPEATS = 5;

/**
 * The features to keep. The rule is meant to drop features that are not continuous: those with a value that occurs more than five
 * times. The published preparation, which comes from MAF (Papamakarios et al. 2017), looks at the smallest value only, and
 * its 15 features of HEPMASS and 523 of HUMAN follow from that; so do ours. In seven million rows of seven digits, some value of every
 * feature repeats.
 * @param candidates columns that hold features.
 */
export const continuousFeatures = (table: NumericTable, candidates: readonly number[]): number[] =>
  candidates.filter((j) => table.smallestCount[j]! <= MAX_REPEATS);

/** Rows of a published file and where they go. */
export interface TableStore {
  /** f32 `[n, D]`, not yet standardised; this is done in place. */
  readonly values: Float32Array;
  readonly labels: Int32Array;
}

export interface TableParts {
  readonly name: string;
  readonly features: readonly string[];
  readonly dropped: readonly string[];
  readonly label: string;
  readonly classes: readonly string[];
  /** Training and validation rows, and the training rows among them, which are measured. */
  readonly known: TableStore;
  readonly train: Int32Array;
  readonly validation: Int32Array;
  /** May be the same store as `known`. */
  readonly tested: TableStore;
  readonly test: Int32Array;
  readonly notes: readonly string[];
}

/** Standardises by the training rows and packs a data set. */
export async function standardisedTable(parts: TableParts, { splitSeed = SPLIT_SEED }: TableOptions): Promise<Dataset> {
  const { known, tested, features } = parts;
  const { mean, std } = moments(known.values, features.length, parts.train);
  // A constant feature becomes 0 everywhere.
  const scale = std.map((s) => s || 1);
  for (const store of new Set([known.values, tested.values])) {
    for (let at = 0; at < store.length; at += features.length)
      for (let j = 0; j < features.length; j++) store[at + j] = (store[at + j]! - mean[j]!) / scale[j]!;
  }
  const preprocessing: TablePreprocessing = {
    kind: "table",
    columns: features.map((name, j) => ({ kind: "numeric", name, mean: mean[j]!, std: scale[j]!, missing: 0 })),
    dropped: parts.dropped.map((name) => ({ name, why: `its smallest value occurs more than ${MAX_REPEATS} times` })),
    label: { name: parts.label, classes: parts.classes },
  };
  return packTable({ ...parts, preprocessing, seed: splitSeed });
}

export interface PackedTable {
  readonly name: string;
  readonly preprocessing: TablePreprocessing;
  readonly known: { readonly values: Float32Array; readonly labels: Int32Array | null };
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly tested: { readonly values: Float32Array; readonly labels: Int32Array | null };
  readonly test: Int32Array;
  readonly seed: number;
  readonly notes: readonly string[];
}

/** A data set of values that are as the model takes them. */
export async function packTable(table: PackedTable): Promise<Dataset> {
  const { name, preprocessing, known, tested, train, validation, test, seed, notes } = table;
  const shape = [featureNames(preprocessing).length];
  const content = [...new Set([known, tested])].flatMap(({ values, labels }) => [values, labels ?? ""]);
  return {
    name,
    kind: "table",
    shape,
    classes: preprocessing.label?.classes ?? null,
    splits: {
      train: new FloatSplit(known.values, shape, train, known.labels),
      validation: new FloatSplit(known.values, shape, validation, known.labels),
      test: new FloatSplit(tested.values, shape, test, tested.labels),
    },
    sample: null,
    split: { seed, train: train.length, validation: validation.length, test: test.length },
    preprocessing,
    fingerprint: await fingerprint([JSON.stringify(preprocessing), ...content, train, validation, test]),
    notes,
  };
}

/** Names from a header line; `f0`, `f1`, … for columns it does not name. */
export function columnNames(header: string | null, columns: number): string[] {
  const names = (header ?? "").split(",").map((name) => name.trim().replace(/^"|"$/g, ""));
  return Array.from({ length: columns }, (_, j) => names[j] || `f${j}`);
}

/** A note where the number of features differs from the published one. */
export const featureNote = (kept: number, published: number): string[] =>
  kept === published ? [] : [`${kept} features kept; of the complete files ${published} remain`];
