/** Several runs of one recipe as one result. */

export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of a run, of n - 1; null of a single one. */
  readonly deviation: number | null;
  /** Half the width of the 95 % interval of the mean, by Student's t; null of a single run. */
  readonly margin: number | null;
}

/** Of the finite values; null where there is none. */
export function spread(values: readonly (number | null | undefined)[]): Spread | null {
  const finite = values.filter((v): v is number => typeof v === "number" && Number.isFinite(v));
  const count = finite.length;
  if (count === 0) return null;
  const mean = finite.reduce((sum, v) => sum + v, 0) / count;
  if (count === 1) return { count, mean, deviation: null, margin: null };
  const deviation = Math.sqrt(finite.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (count - 1));
  return { count, mean, deviation, margin: (student(count - 1) * deviation) / Math.sqrt(count) };
}

/** 97.5 % quantiles of Student's t with 1 to 10 degrees of freedom. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** Beyond the table by Cornish and Fisher's expansion about the normal quantile, right to three digits. */
function student(degrees: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return STUDENT[degrees - 1] ?? z + first / degrees + second / degrees ** 2;
}
