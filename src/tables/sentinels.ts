/** Numbers that programs write where there is none: -999 among ages. They are pointed out, never taken for missing without a word. */
import { show } from "../data/error.js";

const SENTINELS = new Set([-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999]);
/** So many times the range of all others away from them. */
const FAR = 2;

/**
 * A word about a column whose least or greatest value is such a number, occurs again, and is far from all others; "" where there is none.
 * @param values f64 `[rows, stride]`, NaN where missing
 * @param at the column
 */
export function sentinelNote(values: Float64Array, stride: number, at: number, min: number, max: number): string {
  for (const value of [min, max]) {
    if (!SENTINELS.has(value)) continue;
    let [count, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = at; i < values.length; i += stride) {
      const v = values[i]!;
      if (v === value) count++;
      else {
        if (v < low) low = v;
        if (v > high) high = v;
      }
    }
    const gap = value === min ? low - value : value - high;
    if (count > 1 && high > low && gap > FAR * (high - low))
      return `${value} in ${show(count)} rows is far from all others: --missing ${value}, if it stands for none`;
  }
  return "";
}
