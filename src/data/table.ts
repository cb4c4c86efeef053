/**
 * Tables as numbers: what was fitted on the training rows, and how it turns a row of fields into features. Numbers are
 * standardised, missing ones become the training mean; text becomes one feature per level. Free of Node.
 */
import { DataError } from "./error.js";
import { type Field, isMissing, levelOf, type NumberStyle, PLAIN, parseNumber } from "./fields.js";

export interface NumericColumn {
  readonly kind: "numeric";
  readonly name: string;
  /** Of the training rows, missing values left out. */
  readonly mean: number;
  readonly std: number;
  /** Missing values in the whole file: filled with the mean. */
  readonly missing: number;
  /** How its numbers were written, where they were text in another way than {@link PLAIN}. */
  readonly style?: NumberStyle | undefined;
}

export interface CategoricalColumn {
  readonly kind: "categorical";
  readonly name: string;
  /** In the order of their features. The level {@link MISSING} stands for missing values, where there were any. */
  readonly levels: readonly string[];
  readonly missing: number;
}

export type TableColumn = NumericColumn | CategoricalColumn;

/** Everything needed to prepare new rows as the training rows were; plain JSON. */
export interface TablePreprocessing {
  readonly kind: "table";
  readonly columns: readonly TableColumn[];
  /** Columns that were left out, and why. */
  readonly dropped: readonly { readonly name: string; readonly why: string }[];
  readonly label: { readonly name: string; readonly classes: readonly string[] } | null;
  /** What stood for missing values by the user's word, beyond what always does. */
  readonly markers?: readonly string[] | undefined;
}

/** The level of missing values in a categorical column. */
export const MISSING = "(missing)";

/** Names of the features, in order: a numeric column's name, or `column=level`. */
export const featureNames = (table: Pick<TablePreprocessing, "columns">): string[] =>
  table.columns.flatMap((c) => (c.kind === "numeric" ? [c.name] : c.levels.map((level) => `${c.name}=${level}`)));

/** Where the features of each column are: the first and how many, in the order of the columns. */
export function featureRuns({
  columns,
}: Pick<TablePreprocessing, "columns">): { name: string; kind: TableColumn["kind"]; start: number; width: number }[] {
  let at = 0;
  return columns.map((column) => {
    const { name, kind } = column;
    const [start, width] = [at, column.kind === "numeric" ? 1 : column.levels.length];
    at += width;
    return { name, kind, start, width };
  });
}

/** Features that are one category each, as runs: the first and how many. */
export function categoriesOf(
  preprocessing: { readonly kind: string } | TablePreprocessing,
): [start: number, levels: number][] {
  if (!("columns" in preprocessing)) return [];
  return featureRuns(preprocessing).flatMap(({ kind, start, width }): [number, number][] =>
    kind === "numeric" ? [] : [[start, width]],
  );
}

export interface EncodedRow {
  /** f32 `[D]`. */
  readonly x: Float32Array;
  /** The class, or -1 where the row has none. */
  readonly y: number;
  /** Columns that were missing, and numeric ones among them filled with the training mean. */
  readonly missing: readonly string[];
  /** Categorical columns whose level did not occur in training; their features are all 0. */
  readonly unknown: readonly string[];
}

/**
 * Prepares rows for a model.
 * @param header names of the fields of the rows to come, in any order; columns that the model does not know are ignored.
 * @throws DataError where a column of the model is not among them; from the encoder, where a number was expected and
 * something else found, or a class that the model does not know.
 */
export function rowEncoder(
  { columns, label, markers }: TablePreprocessing,
  header: readonly string[],
): (fields: readonly Field[]) => EncodedRow {
  const positions = columns.map(({ name }) => header.indexOf(name));
  const absent = columns.filter((_, i) => positions[i] === -1).map(({ name }) => `"${name}"`);
  if (absent.length > 0)
    throw new DataError("table", `no column ${absent.join(", ")}`, "the model was trained with it and needs it");
  const width = featureNames({ columns }).length;
  const labelAt = label === null ? -1 : header.indexOf(label.name);

  return (fields) => {
    const x = new Float32Array(width);
    const missing: string[] = [];
    const unknown: string[] = [];
    let at = 0;
    columns.forEach((column, i) => {
      const field = fields[positions[i]!];
      const absent = isMissing(field, column.kind, markers);
      if (absent) missing.push(column.name);
      if (column.kind === "numeric") {
        x[at++] = absent ? 0 : standardise(number(column, field!), column);
      } else {
        const level = column.levels.indexOf(absent ? MISSING : levelOf(field!));
        if (level >= 0) x[at + level] = 1;
        else unknown.push(column.name);
        at += column.levels.length;
      }
    });
    const given = labelAt === -1 ? null : fields[labelAt];
    return {
      x,
      y: label === null || isMissing(given, "categorical", markers) ? -1 : classOf(label, levelOf(given!)),
      missing,
      unknown,
    };
  };
}

/** A row of features in the table's own units: numbers, or the level with the largest feature. */
export function decodeRow({ columns }: TablePreprocessing, x: ArrayLike<number>): Record<string, number | string> {
  const row: Record<string, number | string> = {};
  let at = 0;
  for (const column of columns) {
    if (column.kind === "numeric") row[column.name] = x[at++]! * column.std + column.mean;
    else {
      const features = Array.from(column.levels, (_, k) => x[at + k]!);
      row[column.name] = column.levels[features.indexOf(Math.max(...features))]!;
      at += column.levels.length;
    }
  }
  return row;
}

const standardise = (value: number, { mean, std }: { mean: number; std: number }): number => (value - mean) / std;

function number({ name, style = PLAIN }: NumericColumn, field: string | number | boolean): number {
  const value = parseNumber(field, style);
  if (value === null) throw new DataError(`column "${name}"`, `a number was expected, found "${field}"`);
  return value;
}

/** @throws DataError where it is none. */
export function classOf({ name, classes }: { name: string; classes: readonly string[] }, text: string): number {
  const y = classes.indexOf(text);
  if (y === -1)
    throw new DataError(`column "${name}"`, `class "${text}" is unknown; the model knows ${classes.join(", ")}`);
  return y;
}

/**
 * Mean and standard deviation (of the population, as in the paper's tables) of each column over some rows; NaN is missing.
 * @param values `[n, width]`.
 */
export function moments(
  values: Float32Array | Float64Array,
  width: number,
  rows: Int32Array,
): { mean: Float64Array; std: Float64Array } {
  const count = new Float64Array(width);
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  // Two passes: the one-pass formula loses all digits where the mean is large.
  for (const row of rows) {
    for (let j = 0, at = row * width; j < width; j++, at++) {
      const v = values[at]!;
      if (!Number.isNaN(v)) {
        count[j]!++;
        mean[j]! += v;
      }
    }
  }
  for (let j = 0; j < width; j++) mean[j] = count[j] ? mean[j]! / count[j]! : Number.NaN;
  for (const row of rows) {
    for (let j = 0, at = row * width; j < width; j++, at++) {
      const d = values[at]! - mean[j]!;
      if (!Number.isNaN(d)) squares[j]! += d * d;
    }
  }
  return { mean, std: squares.map((s, j) => Math.sqrt(s / count[j]!)) };
}
