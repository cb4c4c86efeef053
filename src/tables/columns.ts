/** The columns of a table as numbers, and as the features that a model takes. */
import { featureNames, type TableColumn } from "../data/table.js";
import { byNumberOrText, type Decision } from "./decide.js";
import { column } from "./duckdb.js";
import { codeOf, numberOf } from "./expressions.js";
import type { TableSource } from "./source.js";
import type { Survey } from "./survey.js";

export interface Columns {
  /** Positions in the file. */
  readonly numeric: readonly number[];
  readonly categorical: readonly number[];
  /** f64 `[n, numeric.length]`, NaN where missing. */
  readonly numbers: Float64Array;
  /** `[n, categorical.length]`: places among the levels, in their order as features; the last + 1 where missing. */
  readonly codes: Int16Array;
  readonly labels: Int32Array | null;
}

/**
 * Reads what was decided on, in one go.
 * @param markers what stands for missing values by the user's word
 */
export async function readColumns(
  { database, relation, where, columns }: TableSource,
  about: Survey,
  decided: readonly Decision[],
  classes: readonly string[] | null,
  markers: readonly string[],
): Promise<Columns> {
  const of = (kind: Decision["becomes"]) => decided.flatMap(({ becomes }, i) => (becomes === kind ? [i] : []));
  const [numeric, categorical, labelAt] = [of("numeric"), of("categorical"), of("label")];
  const numbers = new Float64Array(about.rows * numeric.length);
  const codes = new Int16Array(about.rows * categorical.length);
  const labels = classes && new Int32Array(about.rows);
  const selected = [
    ...numeric.map((i) => finiteNumber(numberOf(i, columns[i]!.holds, about.columns[i]!.style, markers))),
    ...categorical.map((i) =>
      codeOf(i, columns[i]!.holds, [...about.columns[i]!.levels!.keys()].sort(byNumberOrText), markers),
    ),
    ...labelAt.map((i) => codeOf(i, columns[i]!.holds, classes!, markers)),
  ];
  let row = 0;
  for await (const chunk of database.chunks(
    `SELECT ${selected.join(", ")} FROM ${relation} WHERE fields IS NULL`,
    where,
  )) {
    for (let j = 0; j < numeric.length; j++)
      scatter(column(chunk, j), numbers, row * numeric.length + j, numeric.length);
    for (let j = 0; j < categorical.length; j++)
      scatter(column(chunk, numeric.length + j), codes, row * categorical.length + j, categorical.length);
    if (labels) scatter(column(chunk, numeric.length + categorical.length), labels, row, 1);
    row += chunk.rowCount;
  }
  // A place after the last class is no class.
  return {
    numeric,
    categorical,
    numbers,
    codes,
    labels: labels === null ? null : labels.map((y) => (y < classes!.length ? y : -1)),
  };
}

/** NaN for what is missing. */
const finiteNumber = (number: string): string => `CASE WHEN isfinite(${number}) THEN ${number} ELSE 'nan'::DOUBLE END`;

function scatter(
  from: ArrayLike<number>,
  to: Float64Array | Int16Array | Int32Array,
  start: number,
  stride: number,
): void {
  for (let i = 0, at = start; i < from.length; i++, at += stride) to[at] = from[i]!;
}

/** Rows whose features are made together: they fit the processor's cache. */
const BLOCK = 2048;

/** Features of all rows `[count, D]`. @param sources where each column is among those that were read */
export function features(
  columns: readonly TableColumn[],
  sources: readonly number[],
  read: Columns,
  count: number,
): Float32Array {
  const width = featureNames({ columns }).length;
  const values = new Float32Array(count * width);
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(count, from + BLOCK);
    let start = 0;
    columns.forEach((column, c) => {
      const source = sources[c]!;
      if (column.kind === "numeric") {
        const [{ mean, std }, stride] = [column, read.numeric.length];
        for (let i = from; i < to; i++) {
          const v = read.numbers[i * stride + source]!;
          values[i * width + start] = Number.isNaN(v) ? 0 : (v - mean) / std;
        }
        start++;
      } else {
        const stride = read.categorical.length;
        for (let i = from; i < to; i++) values[i * width + start + read.codes[i * stride + source]!] = 1;
        start += column.levels.length;
      }
    });
  }
  return values;
}
