/** Axes of charts: pure functions of numbers. */

/** From one interval to another, linearly. */
export const scaleOf =
  ([low, high]: readonly [number, number], [from, to]: readonly [number, number]) =>
  (v: number): number =>
    from + ((v - low) / (high - low || 1)) * (to - from);

/** Round numbers inside an interval, about so many. */
export function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}
