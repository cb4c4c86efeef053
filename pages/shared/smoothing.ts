/** Exponential smoothing of curves whose points need not be evenly spaced. */

/**
 * At each point the mean of the curve so far, weighed by exp(-age / `span`): what is `span` iterations back counts e times less. Zero leaves
 * values as they are. What is not finite stays null, and counts for nothing.
 */
export function smooth(x: readonly number[], y: readonly (number | null)[], span: number): (number | null)[] {
  if (!(span > 0)) return [...y];
  let sum = 0;
  let weight = 0;
  let last = x[0] ?? 0;
  return y.map((value, i) => {
    if (value === null || !Number.isFinite(value)) return null;
    const kept = Math.exp(-(x[i]! - last) / span);
    sum = kept * sum + value;
    weight = kept * weight + 1;
    last = x[i]!;
    return sum / weight;
  });
}
