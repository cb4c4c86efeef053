/**
 * Which columns make a row of a table unlikely. The value of a column (all features of a category together) is replaced by those of the K
 * training rows that are nearest in the *other* columns: values that are plausible beside them. The gain of a column is what f(x) wins
 * where its value is left open among these, at least 0:
 *
 *   gain_j = max(0, log 1/K Σ_n e^f(x with x_j := n_j) - f(x)),   n the K nearest training rows without regard to column j
 *
 * and its share the part of the sum of gains (after the prediction differences of Robnik-Šikonja & Kononenko 2008, neighbours standing for
 * the conditional distribution). Values are replaced one at a time: where several are wrong together, shares tell less.
 */
import { featureRuns } from "../data/index.js";
import { NdArray } from "../runtime/index.js";
import { NEIGHBOURS, Neighbours, type Run } from "./neighbours.js";
import type { Probe } from "./probe.js";

export interface Reason {
  readonly column: string;
  /** Of the sum of all columns' gains; 0 for all where no replacement makes the row more likely. */
  readonly share: number;
}

/**
 * Reasons for each row of x `[B, D]`, the largest share first.
 * @param reference training rows `[N, D]`, prepared as x is (reference-rows.ts)
 * @throws TypeError for models of anything but tables
 */
export async function explain(probe: Probe, x: NdArray, reference: NdArray): Promise<Reason[][]> {
  const { preprocessing } = probe.run.info.data;
  if (preprocessing.kind !== "table") throw new TypeError("reasons are columns of a table, and the model takes none");
  const columns = featureRuns(preprocessing);
  const logDensity = async (rows: NdArray) => (await probe.predict(rows)).logDensity;
  const gains = await columnGains(logDensity, x, reference, columns, probe.batchSize);
  return gains.map((own) => {
    const total = own.reduce((a, b) => a + b, 0);
    return columns
      .map(({ name }, j) => ({ column: name, share: total > 0 ? own[j]! / total : 0 }))
      .sort((a, b) => b.share - a.share);
  });
}

/**
 * The gain of each column, by row of x `[B, D]`.
 * @param logDensity f of rows `[batch, D]`: always so many, that one compiled program serves all
 */
export async function columnGains(
  logDensity: (rows: NdArray) => Promise<Float32Array>,
  x: NdArray,
  reference: NdArray,
  columns: readonly Run[],
  batch: number,
): Promise<Float64Array[]> {
  const [count, width] = x.shape as [number, number];
  const neighbours = new Neighbours(reference, columns);
  const block = new NdArray(new Float32Array(batch * width), [batch, width]);
  const values: number[] = [];
  let filled = 0;
  const evaluate = async () => {
    const f = await logDensity(block);
    values.push(...f.subarray(0, filled));
    filled = 0;
  };
  for (let i = 0; i < count; i++) {
    const row = x.data.subarray(i * width, (i + 1) * width);
    // The row itself, then with each column replaced by each neighbour's.
    const lent = columns.flatMap((column, j) => neighbours.of(row, j).map((lender) => ({ ...column, lender })));
    for (const change of [null, ...lent]) {
      block.data.set(row, filled * width);
      if (change !== null) {
        const { start, width: features, lender } = change;
        const from = lender * width + start;
        block.data.set(reference.data.subarray(from, from + features), filled * width + start);
      }
      if (++filled === batch) await evaluate();
    }
  }
  if (filled > 0) await evaluate();
  const each = Math.min(NEIGHBOURS, reference.shape[0]!);
  const perRow = 1 + columns.length * each;
  return Array.from({ length: count }, (_, i) => {
    const [own, ...replaced] = values.slice(i * perRow, (i + 1) * perRow) as [number, ...number[]];
    return Float64Array.from(columns, (_, j) => gain(own, replaced.slice(j * each, (j + 1) * each)));
  });
}

/** Where f of the row is no finite number, a column gains by making it one. */
function gain(own: number, replaced: readonly number[]): number {
  const finite = replaced.filter(Number.isFinite);
  if (finite.length === 0) return 0;
  if (!Number.isFinite(own)) return 1;
  const most = Math.max(...finite);
  const sum = finite.reduce((total, value) => total + Math.exp(value - most), 0);
  return Math.max(0, most + Math.log(sum / replaced.length) - own);
}
