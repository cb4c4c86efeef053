/** Numbers on axes: which of them, how far they reach and how they are written. */

/** What most axes are of. */
export const QUANTITATIVE = { type: "quantitative" } as const;

export type Interval = readonly [number, number];

/** Beyond these, differences overflow. */
const HUGE = 1e300;

/** A number as charts hold it: seven digits are more than a picture shows; null where it has no place. */
export const placed = (v: number, log = false): number | null =>
  Math.abs(v) <= HUGE && (!log || v > 1 / HUGE) ? Number(v.toPrecision(7)) : null;

/** Smallest and largest finite value, [0, 1] where there is none. With `positive`, of the values above zero. */
export function finiteRange(series: Iterable<ArrayLike<number>>, positive = false): Interval {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const values of series) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      if (placed(v, positive) === null) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  if (low <= high) return [low, high];
  return positive ? [0.1, 1] : [0, 1];
}

/** An interval with a width: constant data get room on both sides, every interval gets `margin` of its width. */
export function widen([low, high]: Interval, margin = 0): Interval {
  const a = Math.max(-HUGE, Math.min(low, high));
  const b = Math.min(HUGE, Math.max(low, high));
  const size = Math.max(Math.abs(a), Math.abs(b));
  if (b - a <= Math.max(1 / HUGE, 1e-9 * size)) {
    const room = size <= 1 / HUGE ? 1 : 0.1 * size;
    return [a - room, b + room];
  }
  return [a - margin * (b - a), b + margin * (b - a)];
}

/** How an axis writes numbers up to this size: plain, in thousands (k) and millions (M), or with powers of ten. */
export function formatFor([low, high]: Interval): { readonly format?: string } {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size >= 1e9 || (size < 1e-3 && size > 0)) return { format: "~e" };
  return size >= 1e4 ? { format: "~s" } : {};
}

/** Ticks of a logarithmic axis: powers of ten, and what is between where there are few. */
export function logTicks([low, high]: Interval): number[] {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const decades = to - from;
  const stride = Math.max(1, Math.ceil(decades / 6));
  const multiples = decades < 1 ? [1, 2, 3, 4, 5, 6, 8] : decades < 2.5 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = stride * Math.floor(from / stride); power <= to; power += stride)
    for (const m of multiples) {
      const at = power + Math.log10(m);
      if (at >= from - 1e-9 && at <= to + 1e-9) ticks.push(Number(`${m}e${power}`));
    }
  return ticks;
}
