/** Bins of a histogram: pure functions of numbers. */

export interface Bins {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
}

/** Equal bins over a range that also has `and`, if it is not too far away: then the range ends a fifth beyond the values. */
export function binned(values: readonly number[], count: number, and: number): Bins {
  const [least, most] = [values[0] ?? 0, values.at(-1) ?? 1];
  const room = (most - least || 1) * 0.6;
  const low = Math.min(least, Math.max(and, least - room)) - room / 20;
  const high = Math.max(most, Math.min(and, most + room)) + room / 20;
  const counts = Array<number>(count).fill(0);
  for (const v of values) counts[Math.min(count - 1, Math.floor(((v - low) / (high - low)) * count))]!++;
  return { low, high, counts };
}
