/** Sums and means of plain numbers, in double precision. Of tensors they are operators of the graph. */

export function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** NaN of none. */
export const mean = (values: ArrayLike<number>): number => total(values) / values.length;

/** Of the values themselves, not of what they were drawn from: divided by n. */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  return Math.sqrt(squares / values.length);
}
