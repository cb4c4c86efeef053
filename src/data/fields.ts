/**
 * What a field of text says: a number, nothing, or a level. The database reads tables by the same rules (tables/expressions.ts), and a
 * test holds the two together. Free of Node.
 */

/** A value of a table, as it was read. */
export type Field = string | number | boolean | null | undefined;

/** How the numbers of a column are written. */
export interface NumberStyle {
  readonly decimal: "." | ",";
  /** Between groups of three digits. The blank stands for those that do not break, too. */
  readonly group: "" | "," | "." | " " | "'";
  /** A sign before or after each number, like `%` or `$`. */
  readonly unit: string;
}

export const PLAIN: NumberStyle = { decimal: ".", group: "", unit: "" };

/** Signs that may stand beside a number. */
export const UNITS = ["%", "$", "€", "£", "¥"] as const;

/** Characters that stand for each group separator. */
export const GROUPS = { "": "", ",": ",", ".": ".", " ": " \u00a0\u202f", "'": "'’" } as const;

/** Blanks around fields. */
export const BLANKS = " \t\r\n\u00a0\u202f\ufeff";

/** No value, in any column: empty, or one of these in any case. */
export const MISSING_FIELDS: readonly string[] = [
  ...["", "na", "n/a", "n.a.", "nan", "-nan", "null", "(null)", "[null]", "?", "\\n", "<na>", "nat", "(missing)"],
  ...["#n/a", "#na", "#n/a n/a", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!"],
  ...["1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"],
];

/** No value where numbers are expected; of a column of text, levels like others. */
export const MISSING_NUMBERS: readonly string[] = [
  ...["none", "nil", "-", "--", "---", "–", "—", ".", "..", "...", "*", "_"],
  ...["missing", "unknown", "not available", "not applicable", "n/d", "n.d.", "nd", "undefined"],
];

const MISSING_ANYWHERE = new Set(MISSING_FIELDS);
const MISSING_AS_NUMBER = new Set([...MISSING_FIELDS, ...MISSING_NUMBERS]);

/** As fields are compared with markers: without blanks around, in small letters. */
export const markerOf = (field: string): string => trimmed(field).toLowerCase();

/**
 * Is a value missing.
 * @param kind where numbers are expected, more words mean it.
 * @param markers further ones, of the user: fields of numbers, too.
 */
export function isMissing(field: Field, kind: "numeric" | "categorical", markers: readonly string[] = []): boolean {
  if (field === null || field === undefined) return true;
  if (typeof field === "number" && Number.isNaN(field)) return true;
  const text = markerOf(String(field));
  const known = kind === "numeric" ? MISSING_AS_NUMBER : MISSING_ANYWHERE;
  return known.has(text) || markers.some((marker) => markerOf(marker) === text);
}

/**
 * What numbers look like in a style, as a regular expression of the whole field, without blanks around and in any case: for JavaScript
 * and for RE2.
 */
export function numberPattern({ decimal, group, unit }: NumberStyle): string {
  const point = `[${decimal}]`;
  const whole = group === "" ? "\\d+" : `(?:\\d{1,3}(?:[${GROUPS[group]}]\\d{3})+|\\d+)`;
  const number = `(?:${whole}(?:${point}\\d*)?|${point}\\d+)(?:e[+-]?\\d+)?`;
  const sign = "[+-]?";
  if (unit === "") return `${sign}${number}`;
  const u = unit === "$" ? "[$]" : unit;
  return `(?:${sign}${number} ?${u}|${sign}${u} ?${sign}${number}|${sign}${number})`;
}

const patterns = new Map<string, RegExp>();

function patternOf(style: NumberStyle): RegExp {
  const key = `${style.decimal}${style.group}\u0000${style.unit}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    pattern = new RegExp(`^(?:${numberPattern(style)})$`, "i");
    patterns.set(key, pattern);
  }
  return pattern;
}

/** The number in a field; null where it is none, or none that is finite. */
export function parseNumber(field: string | number | boolean, style: NumberStyle = PLAIN): number | null {
  if (typeof field === "number") return Number.isFinite(field) ? field : null;
  if (typeof field === "boolean") return null;
  const text = trimmed(field);
  if (!patternOf(style).test(text)) return null;
  const value = Number(style === PLAIN ? text : plainNumber(text, style));
  return Number.isFinite(value) ? value : null;
}

function plainNumber(text: string, { decimal, group, unit }: NumberStyle): string {
  const noise = `${GROUPS[group]}${unit} `;
  const digits = [...text].filter((c) => !noise.includes(c)).join("");
  return decimal === "." ? digits : digits.replace(decimal, ".");
}

export function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANKS.includes(text[start]!)) start++;
  while (end > start && BLANKS.includes(text[end - 1]!)) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

const FRACTION = /^-?(0|[1-9]\d*)\.\d+$/;

/** A level as it is compared: trimmed, and numbers without zeros at their end, since programs write 1 and 1.0 for the same. */
export function levelOf(field: string | number | boolean): string {
  const text = trimmed(String(field));
  return FRACTION.test(text) ? text.replace(/\.?0+$/, "") : text;
}
