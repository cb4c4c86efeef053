/** Points of one's own as a part of an address: 12 bits for each number from -5 to 5, four letters a point. */

/** The plane that is shown and drawn on: [-5, 5]². */
export const RADIUS = 5;

/** Points that an address holds at most: 4,000 letters. */
export const MOST_POINTS = 1000;

const LEVELS = 2 ** 12 - 1;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const levelOf = (v: number): number =>
  Math.round(((Math.min(RADIUS, Math.max(-RADIUS, v)) + RADIUS) / (2 * RADIUS)) * LEVELS);
const placeOf = (level: number): number => (level / LEVELS) * 2 * RADIUS - RADIUS;

/** The nearest numbers that an address can hold: what is trained on, so that a link gives the same. */
export const rounded = (points: readonly number[]): number[] => points.map((v) => placeOf(levelOf(v)));

export const encodePoints = (points: readonly number[]): string =>
  points
    .slice(0, 2 * MOST_POINTS)
    .map((v) => LETTERS[levelOf(v) >> 6]! + LETTERS[levelOf(v) & 63]!)
    .join("");

/** Flat `[x, y, …]`; empty where the text is not what {@link encodePoints} makes. */
export function decodePoints(text: string): number[] {
  if (text.length % 4 !== 0 || text.length > 4 * MOST_POINTS) return [];
  const digits = Array.from(text, (letter) => LETTERS.indexOf(letter));
  if (digits.includes(-1)) return [];
  return Array.from({ length: digits.length / 2 }, (_, i) => placeOf(64 * digits[2 * i]! + digits[2 * i + 1]!));
}
