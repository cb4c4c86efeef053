/** Scoring: a CSV file prepared by what was stored with a model. */
import { NdArray } from "../../runtime/array.js";
import { DataError } from "../error.js";
import { csvRows, sniffCsv } from "../formats/csv.js";
import { featureNames, rowEncoder, type TablePreprocessing } from "../table.js";

/** A file prepared for a model. */
export interface EncodedTable {
  /** f32 `[n, D]`. */
  readonly x: NdArray;
  /** Classes, -1 where the file has none. */
  readonly y: Int32Array;
  /** By column: values that were missing, and values of text that did not occur in training. */
  readonly missing: Readonly<Record<string, number>>;
  readonly unknown: Readonly<Record<string, number>>;
}

/**
 * Prepares the rows of a CSV file for a model trained on another, by what was stored with the model.
 * @throws DataError where a column is absent or a row cannot be read, with its number.
 */
export async function encodeCsv(path: string, preprocessing: TablePreprocessing): Promise<EncodedTable> {
  const format = await sniffCsv(
    path,
    preprocessing.columns.map(({ name }) => name),
  );
  const encode = rowEncoder(preprocessing, format.header);
  const width = featureNames(preprocessing).length;
  const missing: Record<string, number> = {};
  const unknown: Record<string, number> = {};
  const y: number[] = [];
  let values = new Float32Array(1024 * width);
  for await (const fields of csvRows(path, format)) {
    const row = encodeRow(path, y.length, () => encode(fields));
    if ((y.length + 1) * width > values.length) {
      const larger = new Float32Array(2 * values.length);
      larger.set(values);
      values = larger;
    }
    values.set(row.x, y.length * width);
    y.push(row.y);
    for (const name of row.missing) missing[name] = (missing[name] ?? 0) + 1;
    for (const name of row.unknown) unknown[name] = (unknown[name] ?? 0) + 1;
  }
  const x = new NdArray(values.slice(0, y.length * width), [y.length, width]);
  return { x, y: Int32Array.from(y), missing, unknown };
}

function encodeRow<T>(path: string, row: number, encode: () => T): T {
  try {
    return encode();
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(`${path}, row ${row + 1}, ${cause.where}`, cause.problem, cause.wayOut, { cause });
  }
}
