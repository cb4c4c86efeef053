/** Rows of a table as a model takes them, with what is wrong in them. */
import { DataError } from "../data/error.js";
import { classOf, type TablePreprocessing } from "../data/table.js";

/** Some rows of a file. */
export interface EncodedRows {
  readonly count: number;
  /** f32 `[count, D]`; of rows with a problem without meaning. */
  readonly x: Float32Array;
  /** Classes, -1 where a row has none, or the model. */
  readonly y: Int32Array;
  /** Lines of the file, or rows where it has no lines. */
  readonly lines: readonly number[];
  /** Rows that cannot be read, and why. */
  readonly problems: ReadonlyMap<number, string>;
  /** By row, where there are any: columns that were missing, and those whose level did not occur in training. */
  readonly missing: ReadonlyMap<number, readonly string[]>;
  readonly unknown: ReadonlyMap<number, readonly string[]>;
  /** The columns that were asked for, as text; null where there is no value. */
  readonly kept: readonly (readonly (string | null)[])[];
}

/** Stands for the number of fields of a row that has as many as it should. */
export const GOOD = 32767;

/** Rows in the making. */
export class RowsInMaking {
  private readonly x: Float32Array;
  private readonly y: Int32Array;
  private readonly problems = new Map<number, string>();
  private readonly missing = new Map<number, string[]>();
  private readonly unknown = new Map<number, string[]>();
  /** Rows with a value that is wrong, and in which column: null for the class. */
  readonly odd = new Map<number, string | null>();
  /** The last row is bad and holds line breaks: if nothing follows, a quote was never closed. */
  unclosed = false;

  constructor(
    private readonly count: number,
    private readonly width: number,
  ) {
    this.x = new Float32Array(count * width);
    this.y = new Int32Array(count).fill(-1);
  }

  /** Numbers; NaN is missing, what is infinite no number. */
  number(values: ArrayLike<number>, name: string, start: number, mean: number, std: number): void {
    const { x, width, count } = this;
    for (let i = 0, at = start; i < count; i++, at += width) {
      const z = (values[i]! - mean) / std;
      if (z - z === 0) x[at] = z;
      else if (Number.isNaN(values[i]!)) add(this.missing, i, name);
      else if (!this.odd.has(i)) this.odd.set(i, name);
    }
  }

  /** Places among so many levels: -1 is none of them, their number is missing. */
  level(codes: ArrayLike<number>, name: string, start: number, levels: number, missingAt: number): void {
    const { x, width, count } = this;
    for (let i = 0, at = start; i < count; i++, at += width) {
      const code = codes[i]!;
      if (code >= 0 && code < levels) x[at + code] = 1;
      else if (code === levels) {
        add(this.missing, i, name);
        if (missingAt >= 0) x[at + missingAt] = 1;
        else add(this.unknown, i, name);
      } else add(this.unknown, i, name);
    }
  }

  label(codes: ArrayLike<number>, classes: number): void {
    for (let i = 0; i < this.count; i++) {
      const code = codes[i]!;
      if (code === -1 && !this.odd.has(i)) this.odd.set(i, null);
      this.y[i] = code === classes ? -1 : code;
    }
  }

  /** {@link GOOD}, 0 for a row without anything, else the number of its fields, negative with line breaks in one. */
  fields(counts: ArrayLike<number>, expected: number): void {
    for (let i = 0; i < this.count; i++) {
      const n = counts[i]!;
      if (n === GOOD) continue;
      this.odd.delete(i);
      this.problems.set(i, n === 0 ? EMPTY : `${Math.abs(n)} fields, ${expected} expected`);
      this.unclosed = n < 0 && i === this.count - 1;
    }
  }

  explain(text: (row: number) => string, label: TablePreprocessing["label"]): void {
    for (const [row, name] of this.odd) {
      this.problems.set(
        row,
        name === null
          ? unknownClass(label!, text(row))
          : `column "${name}": a number was expected, found "${text(row)}"`,
      );
    }
  }

  done(lines: readonly number[], kept: EncodedRows["kept"]): EncodedRows {
    const { count, x, y, problems, missing, unknown } = this;
    return { count, x, y, lines, problems, missing, unknown, kept };
  }
}

/** The problem of a row without anything: it is none, and is passed over. */
export const EMPTY = "";

function add(to: Map<number, string[]>, row: number, name: string): void {
  const names = to.get(row);
  if (names === undefined) to.set(row, [name]);
  else names.push(name);
}

function unknownClass(label: NonNullable<TablePreprocessing["label"]>, text: string): string {
  try {
    classOf(label, text);
  } catch (cause) {
    if (cause instanceof DataError) return `${cause.where}: ${cause.problem}`;
    throw cause;
  }
  throw new TypeError(`class "${text}" is known`);
}
