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

/** Looked up where it stands: of IN the database makes a join, over all rows. */
const isOneOf = (value: string, type: string): string => `TRY_CAST(${value} AS ${type}) IS NOT NULL`;

const enumOf = (list: readonly string[]): string => `ENUM(${[...new Set(list)].map(text).join(", ")})`;

/** Types that these expressions need: made once for a database, not at every place. */
export const TYPES: readonly string[] = [
  `CREATE TEMP TYPE missing_field AS ${enumOf(MISSING_FIELDS)}`,
  `CREATE TEMP TYPE missing_number AS ${enumOf([...MISSING_FIELDS, ...MISSING_NUMBERS])}`,
];

/** Whether a field of text says that there is no value. */
function isMarker(column: string, kind: "numeric" | "categorical", markers: readonly string[]): string {
  const known = isOneOf(`lower(${trim(column)})`, kind === "numeric" ? "missing_number" : "missing_field");
  return markers.length === 0 ? known : `(${known} OR ${isGiven(column, markers)})`;
}

/** Whether a field is one of the user's markers. */
const isGiven = (column: string, markers: readonly string[]): string =>
  isOneOf(`lower(${trim(column)})`, enumOf(markers.map(markerOf)));

/**
 * A column as DOUBLE: NULL where it is missing or no number, NaN too where it is missing; infinite numbers stay.
 *
 * What is costly stands in branches of CASE alone: what occurs twice elsewhere, the database works out beforehand, for all rows.
 */
export function numberOf(i: number, holds: Holds, style: NumberStyle, markers: readonly string[]): string {
  const c = at(i);
  switch (holds) {
    case "text":
      return unless(
        markers,
        c,
        style === PLAIN ? plainNumber(c, `TRY_CAST(${trim(c)} AS DOUBLE)`) : styledNumber(c, style),
      );
    case "number":
      return unless(markers, `CAST(${c} AS VARCHAR)`, `CAST(${c} AS DOUBLE)`);
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
  markers.length === 0 ? number : `CASE WHEN ${isGiven(c, markers)} THEN NULL ELSE ${number} END`;

/** @param otherwise where the field as it stands is no number */
const plainNumber = (c: string, otherwise: string): string =>
  `CASE WHEN TRY_CAST(${c} AS DOUBLE) IS NOT NULL THEN TRY_CAST(${c} AS DOUBLE) ELSE ${otherwise} END`;

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
  if (holds !== "text") return `coalesce(${number}, 'nan'::DOUBLE)`;
  const reason = `CASE WHEN ${at(i)} IS NULL OR ${isMarker(at(i), "numeric", markers)} THEN 'nan'::DOUBLE ELSE 'inf'::DOUBLE END`;
  const otherwise = `CASE WHEN (${number}) IS NOT NULL THEN ${number} ELSE ${reason} END`;
  return style === PLAIN && markers.length === 0 ? plainNumber(at(i), otherwise) : otherwise;
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

/** A truth as the levels spell it: `true`, `True`, `TRUE`. */
function truth(c: string, levels: readonly string[]): string {
  const spelled = (word: string) => text(levels.find((level) => level.toLowerCase() === word) ?? word);
  return `(CASE WHEN ${c} THEN ${spelled("true")} WHEN NOT ${c} THEN ${spelled("false")} END)`;
}

/** A column's place among some levels: their number where it is missing, -1 where it is none of them. */
export function codeOf(i: number, holds: Holds, levels: readonly string[], markers: readonly string[]): string {
  const level = holds === "boolean" ? truth(at(i), levels) : `(${levelOf(i, holds, markers)})`;
  const place = (value: string) =>
    levels.length === 0
      ? "CAST(NULL AS SMALLINT)"
      : `CAST(enum_code(TRY_CAST(${value} AS ENUM(${levels.map(text).join(", ")}))) AS SMALLINT)`;
  const slow = `CASE WHEN ${level} IS NULL THEN ${levels.length} ELSE coalesce(${place(level)}, -1) END`;
  if (holds !== "text" || markers.length > 0) return `CAST(${slow} AS SMALLINT)`;
  // Most fields are levels as they stand.
  const fast = place(at(i));
  return `CAST(CASE WHEN ${fast} IS NOT NULL THEN ${fast} ELSE ${slow} END AS SMALLINT)`;
}
