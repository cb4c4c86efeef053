/** One file of a table, as a SELECT of the database. */

import type { DialectChoice } from "./dialect.js";
import { text } from "./duckdb.js";
import type { SourceColumn } from "./expressions.js";
import type { Lines } from "./lines.js";

/** How to read a table where it does not tell, or not what is true. */
export interface ReadOptions extends DialectChoice {
  /** Of text; default: UTF-8, UTF-16 or Windows-1252, as it is. */
  readonly encoding?: string | undefined;
  readonly decimal?: "." | "," | undefined;
  /** What stands for missing values, beside what always does. */
  readonly missing?: readonly string[] | undefined;
  /** What is read from a database file, or from files that it names. */
  readonly query?: string | undefined;
  /** Of the database's work. Default 1. */
  readonly threads?: number | undefined;
}

/** One file. */
export interface Part {
  readonly where: string;
  readonly about: number | null;
  readonly columns: readonly SourceColumn[];
  /** A SELECT of the relation's columns. */
  readonly select: string;
  readonly format: string;
  readonly notes: readonly string[];
  readonly delimiter?: string;
  readonly named: boolean;
  readonly place: "line" | "row";
  lines(): Lines;
  remove(): Promise<void>;
}

/** A path whose own characters are not taken for a pattern. */
export const pattern = (path: string): string => text(path.replace(/[*?[]/g, "[$&]"));
