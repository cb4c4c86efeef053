/** The columns of a table as numbers, and as the features that a model takes. */
import { featureNames, type TableColumn } from "../data/table.js";
import { byNumberOrText, type Decision } from "./decide.js";
import { column } from "./duckdb.js";
import { codeOf, numberOf } from "./expressions.js";
import { groupsOf } from "./groups.js";
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
 * Reads what was decided on.
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
  const wanted: readonly Wanted[] = [
    ...numeric.map((i, j): Wanted => {
      const sql = finiteNumber(numberOf(i, columns[i]!.holds, about.columns[i]!.style, markers));
      return { sql, to: numbers, start: j, stride: numeric.length };
    }),
    ...categorical.map((i, j): Wanted => {
      const levels = [...about.columns[i]!.levels!.keys()].sort(byNumberOrText);
      const sql = codeOf(i, columns[i]!.holds, levels, markers);
      return { sql, to: codes, start: j, stride: categorical.length };
    }),
    ...labelAt.map((i): Wanted => {
      return { sql: codeOf(i, columns[i]!.holds, classes!, markers), to: labels!, start: 0, stride: 1 };
    }),
  ];
  for (const some of groupsOf(wanted)) {
    const sql = `SELECT ${some.map((w) => w.sql).join(", ")} FROM ${relation} WHERE fields IS NULL`;
    let row = 0;
    for await (const chunk of database.chunks(sql, where)) {
      some.forEach(({ to, start, stride }, j) => {
        const values = column(chunk, j);
        for (let i = 0, at = row * stride + start; i < values.length; i++, at += stride) to[at] = values[i]!;
      });
      row += chunk.rowCount;
    }
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

/** A column to be read, and where its values go. */
interface Wanted {
  readonly sql: string;
  readonly to: Float64Array | Int16Array | Int32Array;
  readonly start: number;
  readonly stride: number;
}

/** NaN for what is missing. */
const finiteNumber = (number: string): string => `CASE WHEN isfinite(${number}) THEN ${number} ELSE 'nan'::DOUBLE END`;

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
