/** The rules of data/fields.ts as SQL: a column of the source as a number, and as a level. */
import {
  BLANKS,
  GROUPS,
  MISSING_FIELDS,
  MISSING_NUMBERS,
  markerOf,
  type NumberStyle,
  numberPattern,
  PLAIN,
} from "../data/fields.js";
import { text } from "./duckdb.js";

/** What a column of a source holds. */
export type Holds = "text" | "number" | "boolean" | "time" | "other";

export interface SourceColumn {
  readonly name: string;
  readonly holds: Holds;
  /** The database's type, where the source has types. */
  readonly type?: string;
}

/** Column `i` of a relation: names of users may be anything, and alike but for case. */
export const at = (i: number): string => `c${i}`;

const trim = (column: string): string => `trim(${column}, ${text(BLANKS)})`;

/** Whether a field of text says that there is no value. */
function isMarker(column: string, kind: "numeric" | "categorical", markers: readonly string[]): string {
  const words = kind === "numeric" ? [...MISSING_FIELDS, ...MISSING_NUMBERS] : MISSING_FIELDS;
  const all = [...new Set([...words, ...markers.map(markerOf)])];
  return `lower(${trim(column)}) IN (${all.map(text).join(", ")})`;
}

/** A column as DOUBLE: NULL where it is missing or no number; infinite numbers stay. */
export function numberOf(i: number, holds: Holds, style: NumberStyle, markers: readonly string[]): string {
  const c = at(i);
  switch (holds) {
    case "text":
      return unless(markers, c, style === PLAIN ? plainNumber(c) : styledNumber(c, style));
    case "number":
      return unless(
        markers,
        `CAST(${c} AS VARCHAR)`,
        `CASE WHEN isnan(CAST(${c} AS DOUBLE)) THEN NULL ELSE CAST(${c} AS DOUBLE) END`,
      );
    case "boolean":
      return `CAST(${c} AS DOUBLE)`;
    case "time":
      return `CAST(epoch(CAST(${c} AS TIMESTAMP)) AS DOUBLE)`;
    case "other":
      return "CAST(NULL AS DOUBLE)";
  }
}

/** The user's markers may be numbers themselves. */
const unless = (markers: readonly string[], c: string, number: string): string =>
  markers.length === 0
    ? number
    : `CASE WHEN lower(${trim(c)}) IN (${markers.map((m) => text(markerOf(m))).join(", ")}) THEN NULL ELSE ${number} END`;

// The database takes 1_000 and nan for numbers.
const plainNumber = (c: string): string =>
  `CASE WHEN contains(${c}, '_') THEN NULL ELSE nullif(coalesce(TRY_CAST(${c} AS DOUBLE), TRY_CAST(${trim(c)} AS DOUBLE)), 'nan'::DOUBLE) END`;

function styledNumber(c: string, style: NumberStyle): string {
  const t = trim(c);
  const noise = `${GROUPS[style.group]}${style.unit} `;
  const digits = `translate(${t}, ${text(noise)}, '')`;
  const plain = style.decimal === "." ? digits : `replace(${digits}, ${text(style.decimal)}, '.')`;
  return `CASE WHEN regexp_full_match(${t}, ${text(numberPattern(style))}, 'i') THEN TRY_CAST(${plain} AS DOUBLE) END`;
}

/** A column as DOUBLE without NULL: NaN where it is missing, and infinite where it is no number. */
export function numberOrReason(i: number, holds: Holds, style: NumberStyle, markers: readonly string[]): string {
  const number = numberOf(i, holds, style, markers);
  const missing = holds === "text" ? `(${at(i)} IS NULL OR ${isMarker(at(i), "numeric", markers)})` : "true";
  return `coalesce(${number}, CASE WHEN ${missing} THEN 'nan'::DOUBLE ELSE 'inf'::DOUBLE END)`;
}

/** Text that is neither a number nor missing where numbers are expected; NULL otherwise. @param number the column's {@link numberOf}, by name */
export function oddOf(i: number, holds: Holds, number: string, markers: readonly string[]): string {
  if (holds !== "text") return "CAST(NULL AS VARCHAR)";
  const c = at(i);
  return `CASE WHEN ${number} IS NULL AND NOT ${isMarker(c, "numeric", markers)} THEN ${c} END`;
}

/** A column as a level, as `levelOf` has it; NULL where it is missing. */
export function levelOf(i: number, holds: Holds, markers: readonly string[]): string {
  if (holds === "other") return "CAST(NULL AS VARCHAR)";
  const c = holds === "text" ? at(i) : `CAST(${at(i)} AS VARCHAR)`;
  const t = trim(c);
  return (
    `CASE WHEN ${isMarker(c, "categorical", markers)} THEN NULL ` +
    `WHEN contains(${c}, '.') AND regexp_full_match(${t}, '-?(0|[1-9][0-9]*)\\.[0-9]+') THEN regexp_replace(${t}, '\\.?0+$', '') ` +
    `ELSE ${t} END`
  );
}

/** A column's place among some levels: their number where it is missing, -1 where it is none of them. */
export function codeOf(i: number, holds: Holds, levels: readonly string[], markers: readonly string[]): string {
  const level = levelOf(i, holds, markers);
  const known = levels.length === 0 ? "NULL" : `enum_code(TRY_CAST(${level} AS ENUM(${levels.map(text).join(", ")})))`;
  return `CAST(CASE WHEN (${level}) IS NULL THEN ${levels.length} ELSE coalesce(CAST(${known} AS INTEGER), -1) END AS SMALLINT)`;
}
