/** The texts that a deployed model knows for the levels of a column. */
import { isMissing, levelOf, MISSING_FIELDS } from "../data/fields.js";
import { MISSING } from "../data/table.js";

/**
 * Texts that stand for a level, by `score`'s own rule, and its index. That rule also trims text and shortens numbers, and no operator
 * does: listed is what programs write, so with one blank around it and a number with up to six decimals. A missing value is any of
 * its markers.
 * @param markers of missing values, beyond those of all tables
 */
export function spellings(levels: readonly string[], markers: readonly string[] = []): Map<string, number> {
  const index = new Map<string, number>();
  for (const written of [...levels.flatMap(withZeros), ...[...MISSING_FIELDS, ...markers].flatMap(cased)]) {
    for (const text of [written, ` ${written}`, `${written} `, ` ${written} `]) {
      const level = levels.indexOf(isMissing(text, "categorical", markers) ? MISSING : levelOf(text));
      if (level >= 0) index.set(text, level);
    }
  }
  return index;
}

const MOST_DECIMALS = 6;

/** A number with further zeros as decimals; other text alone. */
function withZeros(level: string): string[] {
  if (!/^-?\d+(\.\d+)?$/.test(level)) return [level];
  const [whole, decimals = ""] = level.split(".") as [string, string?];
  const lengths = Array.from({ length: MOST_DECIMALS }, (_, i) => i + 1).filter((n) => n > decimals.length);
  return [level, ...lengths.map((n) => `${whole}.${decimals.padEnd(n, "0")}`)];
}

/** A text of so many characters has few ways to be written in capital and small letters: `NaN`, `N/a`, `<NA>`. */
const SHORT = 4;

/** A text in capital and small letters: a short one in every way, a longer one as it is, as `unknown`, `UNKNOWN` and `Unknown`. */
function cased(text: string): string[] {
  const [small, capital] = [text.toLowerCase(), text.toUpperCase()];
  if (text.length > SHORT) return [text, small, capital, small.slice(0, 1).toUpperCase() + small.slice(1)];
  return Array.from(small).reduce(
    (all, letter) => [...new Set([letter, letter.toUpperCase()])].flatMap((l) => all.map((start) => start + l)),
    [""],
  );
}
