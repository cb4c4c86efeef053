/**
 * A teacher for tables of few labels: soft targets for all rows, for a network to learn. Kernel logistic regression and extremely randomised
 * trees, fitted to the labels, are averaged, and smoothed over the graph of nearest neighbours by several strengths; how much of
 * each, and how certain the mixture may be, is decided by cross-fitting (each label predicted without itself).
 */

import { type Categories, type EncodedRows, encode, fitEncoding } from "../ebm/ensemble/columns.js";
import { NdArray, type Rng } from "../runtime/index.js";
import { fitMixture, type Mixture, mix, stratifiedFolds, temper } from "./cross-fit.js";
import { extraTrees } from "./extra-trees.js";
import { gaussianKernel, type Kernel, kernelRegression } from "./kernel-regression.js";
import { neighbourGraph } from "./neighbours.js";
import { clamp, type Labelled, propagate } from "./propagation.js";
import { adjustShares } from "./shares.js";

/** Strengths of smoothing. */
export const ALPHAS: readonly number[] = [0, 0.5, 0.8, 0.95];

const FOLDS = 5;
/** What a class without a label in a fold is given: less than any other, but not nothing. */
const UNSEEN = 1e-4;

export interface Teaching {
  /** p(class) `[N, C]`; labelled rows have their label. */
  readonly targets: Float32Array;
  /** Below 1 where the mixture was too uncertain. */
  readonly temperature: number;
  /** Of the {@link ALPHAS}. */
  readonly weights: readonly number[];
  /** Share of labels that are predicted when they are left out. */
  readonly crossFittedAccuracy: number;
}

/**
 * @param rows `[N, D]`, labelled or not: standardised numbers (missing ones 0) and one-hot categories. The time grows with N² and with the
 * cube of the number of labels: meant for some 8,000 rows and some hundred labels.
 * @param labels classes `[N]`; negative where there is none.
 * @throws RangeError without labels.
 */
export async function teach(
  rows: NdArray,
  categories: Categories,
  labels: ArrayLike<number>,
  classes: number,
  rng: Rng,
): Promise<Teaching> {
  const indices = Int32Array.from(Array.from(labels).keys()).filter((i) => labels[i]! >= 0);
  if (indices.length === 0) throw new RangeError("there is nothing to learn from: no row has a label");
  const labelled: Labelled = { rows: indices, classes: Int32Array.from(indices, (i) => labels[i]!) };
  const encoded = encode(rows, fitEncoding(rows, categories));
  const features = centred(encoded);
  const graph = await neighbourGraph(features);
  const kernel = await gaussianKernel(features, indices);

  const smoothed = (members: Int32Array): Float32Array[] => {
    const part = subset(labelled, members);
    const predictions = predict(encoded, kernel, members, part, classes, rng);
    return ALPHAS.map((alpha) => propagate(graph, predictions, classes, part, alpha));
  };
  const mixture = crossFit(labelled, classes, smoothed, rng);
  const everyone = Int32Array.from(indices.keys());
  const tempered = temper(mix(smoothed(everyone), mixture.weights), classes, mixture.temperature);
  return {
    targets: settled(tempered, labelled, classes, mixture.accuracy),
    temperature: mixture.temperature,
    weights: mixture.weights,
    crossFittedAccuracy: mixture.accuracy,
  };
}

/** Columns less their means: distances stay, and the norms, to which their rounding is relative, become least. */
function centred({ data, count, width }: EncodedRows): NdArray {
  const means = new Float64Array(width);
  for (let i = 0; i < data.length; i++) means[i % width]! += data[i]! / count;
  return new NdArray(
    data.map((v, i) => v - means[i % width]!),
    [count, width],
  );
}

const subset = ({ rows, classes }: Labelled, members: Int32Array): Labelled => ({
  rows: members.map((m) => rows[m]!),
  classes: members.map((m) => classes[m]!),
});

/** p(class) of all rows `[N, C]`, from some labels: the mean of both models. */
function predict(
  encoded: EncodedRows,
  kernel: Kernel,
  members: Int32Array,
  labelled: Labelled,
  classes: number,
  rng: Rng,
): Float32Array {
  const out = new Float32Array(encoded.count * classes).fill(UNSEEN);
  const seen = [...new Set(labelled.classes)].sort((a, b) => a - b);
  const labels = labelled.classes.map((c) => seen.indexOf(c));
  const smooth = kernelRegression(kernel, members, labels, seen.length);
  const trees = extraTrees(encoded, labelled.rows, labels, seen.length, rng);
  const scale = 1 / (1 + (classes - seen.length) * UNSEEN);
  seen.forEach((c, k) => {
    for (let i = 0, at = k; i < encoded.count; i++, at += seen.length) {
      out[i * classes + c] = 0.5 * (smooth[at]! + trees[at]!);
    }
  });
  for (let i = 0; i < out.length; i++) out[i]! *= scale;
  return out;
}

/** Every label is predicted by the others of all folds but its own, at each strength. */
function crossFit(
  labelled: Labelled,
  classes: number,
  smoothed: (members: Int32Array) => readonly Float32Array[],
  rng: Rng,
): Mixture {
  const n = labelled.rows.length;
  const folds = Math.min(FOLDS, n);
  const foldOf = stratifiedFolds(labelled.classes, folds, rng);
  const heldOut = ALPHAS.map(() => new Float32Array(n * classes));
  for (let fold = 0; fold < folds; fold++) {
    const members = Int32Array.from(foldOf.keys()).filter((m) => foldOf[m] !== fold);
    smoothed(members).forEach((p, a) => {
      labelled.rows.forEach((row, m) => {
        if (foldOf[m] === fold) heldOut[a]!.set(p.subarray(row * classes, (row + 1) * classes), m * classes);
      });
    });
  }
  return fitMixture(heldOut, labelled.classes, classes);
}

/** Unlabelled rows with the class shares of all rows, labelled rows with their labels. */
function settled(targets: Float32Array, labelled: Labelled, classes: number, accuracy: number): Float32Array {
  const out = targets.slice();
  clamp(out, classes, labelled);
  const known = new Set(labelled.rows);
  const others = Array.from({ length: out.length / classes }, (_, i) => i).filter((i) => !known.has(i));
  const open = new Float32Array(others.length * classes);
  others.forEach((row, u) => {
    open.set(out.subarray(row * classes, (row + 1) * classes), u * classes);
  });
  const adjusted = adjustShares(open, labelled.classes, classes, accuracy);
  others.forEach((row, u) => {
    out.set(adjusted.subarray(u * classes, (u + 1) * classes), row * classes);
  });
  return out;
}
