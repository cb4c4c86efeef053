/** A whole table prepared for a model. */
import { DataError } from "../data/error.js";
import { featureNames, type TablePreprocessing } from "../data/table.js";
import { NdArray } from "../runtime/array.js";
import { type EncodeOptions, encodeRows } from "./encode-rows.js";
import { EMPTY, type EncodedRows } from "./encoded-rows.js";

/** A whole file prepared for a model. */
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
 * Prepares all rows of a table for a model trained on another, by what was stored with the model.
 * @throws DataError where a column is absent or a row cannot be read, with its line.
 */
export async function encodeTable(
  path: string,
  preprocessing: TablePreprocessing,
  options: EncodeOptions = {},
): Promise<EncodedTable> {
  const source = await encodeRows(path, preprocessing, options);
  const parts: EncodedRows[] = [];
  const [missing, unknown]: Record<string, number>[] = [{}, {}];
  try {
    for await (const part of source.rows()) {
      const [first] = [...part.problems].filter(([, problem]) => problem !== EMPTY);
      if (first !== undefined) throw new DataError(`${path}, ${source.place} ${part.lines[first[0]]}`, first[1]);
      count(part.missing, missing!);
      count(part.unknown, unknown!);
      parts.push(part);
    }
  } finally {
    await source.close();
  }
  const width = featureNames(preprocessing).length;
  const good = parts.map((part) =>
    Array.from({ length: part.count }, (_, i) => i).filter((i) => !part.problems.has(i)),
  );
  const total = good.reduce((n, rows) => n + rows.length, 0);
  const x = new Float32Array(total * width);
  const y = new Int32Array(total);
  let row = 0;
  parts.forEach((part, p) => {
    for (const i of good[p]!) {
      x.set(part.x.subarray(i * width, (i + 1) * width), row * width);
      y[row++] = part.y[i]!;
    }
  });
  return { x: new NdArray(x, [total, width]), y, missing: missing!, unknown: unknown! };
}

function count(columns: ReadonlyMap<number, readonly string[]>, into: Record<string, number>): void {
  for (const names of columns.values()) for (const name of names) into[name] = (into[name] ?? 0) + 1;
}
