/**
 * How a file writes its numbers. Where a column does not tell (`1,234` may be one or a thousand), others do, and then the file as a whole:
 * a decimal comma is likely where fields are not separated by commas.
 */
import { isMissing, type NumberStyle, PLAIN, parseNumber, trimmed, UNITS } from "../data/fields.js";

/** Of a column's fields, to be one of numbers in a style. */
const ENOUGH = 0.9;

/** As {@link PLAIN}, but read by its pattern: the database takes 1_000 for a number. */
const STRICT: NumberStyle = { ...PLAIN };

interface StyleChoice {
  /** As the user says. */
  readonly decimal?: "." | "," | undefined;
  /** Of a text file. */
  readonly delimiter?: string | undefined;
  /** By column: as the model's own file had it. */
  readonly expected?: readonly (NumberStyle | undefined)[] | undefined;
  readonly markers?: readonly string[] | undefined;
}

/** A field that is a number in some style. */
export const looksNumeric = (field: string): boolean => LIKE_A_NUMBER.test(trimmed(field));
const LIKE_A_NUMBER = /^[+-]?[$€£¥%]? ?[+-]?(\d[\d.,'’ \u00a0\u202f]*|[.,]\d+)(e[+-]?\d+)?( ?[%$€£¥])?$/i;

/**
 * The style of each column, {@link PLAIN} where its numbers are none or in none.
 * @param columns some fields of each.
 */
export function findStyles(columns: readonly (readonly string[])[], choice: StyleChoice = {}): NumberStyle[] {
  const present = columns.map((fields) => fields.filter((f) => !isMissing(f, "numeric", choice.markers)).map(trimmed));
  const decimal = choice.decimal ?? commonDecimal(present, choice.delimiter);
  return present.map((fields, j) => {
    if (fields.some((field) => field.includes("_"))) return STRICT;
    if (fields.length === 0) return choice.expected?.[j] ?? PLAIN;
    const expected = choice.expected?.[j];
    const candidates = [...(expected && choice.decimal === undefined ? [expected] : []), ...stylesFor(fields, decimal)];
    let best = { style: PLAIN, share: 0 };
    for (const style of candidates) {
      const share = fields.filter((f) => parseNumber(f, style) !== null).length / fields.length;
      if (share > best.share + 1e-9) best = { style, share };
      if (best.share === 1) break;
    }
    return best.share >= ENOUGH || (expected !== undefined && best.share > 0.5) ? best.style : PLAIN;
  });
}

/** Styles with a decimal sign, the plainest first. */
function stylesFor(fields: readonly string[], decimal: "." | ","): NumberStyle[] {
  const units = ["", ...UNITS.filter((unit) => fields.some((f) => f.includes(unit)))];
  const other = decimal === "." ? "," : ".";
  const groups = ["", other, " ", "'"] as const;
  const first = groups.flatMap((group) => units.map((unit): NumberStyle => ({ decimal, group, unit })));
  // A column may be written in its own way, when its fields leave no doubt.
  const second = units.map((unit): NumberStyle => ({ decimal: other, group: "", unit }));
  return [...first, ...second].map((style) => (isPlain(style) ? PLAIN : style));
}

const isPlain = ({ decimal, group, unit }: NumberStyle): boolean => decimal === "." && group === "" && unit === "";

/** The decimal sign that columns of numbers prove, or that the delimiter suggests. */
function commonDecimal(columns: readonly (readonly string[])[], delimiter: string | undefined): "." | "," {
  let [commas, points, doubtful] = [0, 0, 0];
  for (const fields of columns) {
    const numbers = fields.filter(looksNumeric).map(bare);
    if (numbers.length < ENOUGH * fields.length || numbers.length === 0) continue;
    const marked = numbers.filter((n) => /[.,]/.test(n));
    if (marked.some((n) => proves(n, ",", "."))) commas++;
    else if (marked.some((n) => proves(n, ".", ","))) points++;
    else if (marked.some((n) => n.includes(","))) doubtful++;
  }
  if (commas !== points) return commas > points ? "," : ".";
  return doubtful > 0 && delimiter !== undefined && delimiter !== "," ? "," : ".";
}

/** Without signs, units and blanks: digits, points, commas and apostrophes. */
const bare = (field: string): string => field.replace(/e[+-]?\d+$/i, "").replace(/[^\d.,'’]/g, "");

/** Whether a number can only be read with this decimal sign: it occurs once, after the other one, or not before three digits. */
function proves(number: string, decimal: string, other: string): boolean {
  const parts = number.split(decimal);
  if (parts.length !== 2) return number.split(other).length > 2; // many of the other: it separates groups
  const [whole, fraction] = parts as [string, string];
  if (fraction.includes(other)) return false;
  return whole.includes(other) || fraction.length !== 3 || !/^[1-9]\d{0,2}$/.test(whole);
}
