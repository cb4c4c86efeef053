/** How people label the examples that a model is tested on: one distribution over the classes for each, as CIFAR-10H has for CIFAR-10. */

import { readBytes } from "../../data/formats/gzip.js";
import { parseNpy } from "../../data/formats/npy.js";
import { DataError } from "../../data/index.js";
import * as m from "../../metrics/index.js";
import type { Inputs } from "../../score/inputs.js";

export interface PeopleReport {
  /** What predictions would score that are the people's distributions. */
  readonly least: m.SoftLabelScores;
  readonly measures: m.SoftLabelScores;
  /** With logits divided by the temperature; null without one. */
  readonly calibrated: m.SoftLabelScores | null;
  /** Mean probability that people give to the label of the data set. */
  readonly accuracy: number;
}

/**
 * Reads the distributions, or counts, `[N, K]` of a NumPy file, in the order of the examples.
 * @returns `[N, K]` row by row, each row a distribution.
 * @throws DataError where there are not as many rows as examples, or columns as classes, or a row is no distribution.
 */
export async function readPeople(path: string, { name, split }: Inputs, classes: number): Promise<Float64Array> {
  const { shape, values } = parseNpy(await readBytes(path), path);
  if (shape.length !== 2 || shape[0] !== split.size || shape[1] !== classes)
    throw new DataError(
      path,
      `an array [${shape}], where [${split.size},${classes}] is expected: a row for each example of ${name}, a column for each class`,
      "it goes with all of a test split, in its order, without --limit",
    );
  for (let at = 0; at < values.length; at += classes) {
    const row = values.subarray(at, at + classes);
    const sum = row.reduce((a, b) => a + b, 0);
    if (!(row.every((v) => v >= 0) && sum > 0 && Number.isFinite(sum)))
      throw new DataError(path, `row ${at / classes} is no distribution and no counts: ${Array.from(row).join(", ")}`);
    for (let k = 0; k < classes; k++) row[k]! /= sum;
  }
  return values;
}

/** @param q the people's distributions of the rows that p is of @param y the data set's labels of these */
export function comparePeople(
  q: Float64Array,
  y: Int32Array,
  classes: number,
  p: Float64Array,
  calibrated: Float64Array | null,
): PeopleReport {
  return {
    least: m.softLabelScores(q, q, classes),
    measures: m.softLabelScores(p, q, classes),
    calibrated: calibrated && m.softLabelScores(calibrated, q, classes),
    accuracy: y.reduce((sum, k, i) => sum + q[i * classes + k]!, 0) / y.length,
  };
}
