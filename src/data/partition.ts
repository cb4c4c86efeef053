/** Dividing rows into splits: seeded, and with every class in proportion. */
import { total } from "../runtime/numbers.js";
import { Rng } from "../runtime/random.js";
import { streams } from "../runtime/streams.js";

/** Splits are drawn with this seed unless another is given: the same rows at every run, whatever the seed of training. */
export const SPLIT_SEED = 1234;

/**
 * Divides rows 0 … n - 1 into parts of the given sizes; every part gets each class in proportion, within one row.
 *
 * The rows of a class are shuffled and spread evenly over [0, 1), with jitter; a part is an interval of it.
 * @param y classes, or null to divide without regard to classes. Rows of class -1 (unknown) are a class of their own.
 * @param sizes of the parts, adding up to at most n; rows beyond them are left out.
 * @returns the rows of each part, ascending.
 */
export function partition(n: number, y: Int32Array | null, sizes: readonly number[], seed = SPLIT_SEED): Int32Array[] {
  const all = total(sizes);
  if (all > n) throw new RangeError(`parts of ${sizes.join(" + ")} rows from ${n}`);
  const rng = new Rng(seed); // no named stream: data that runs of earlier versions were trained on is divided as it was
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) counts.set(y?.[i] ?? 0, (counts.get(y?.[i] ?? 0) ?? 0) + 1);
  const ranks = new Map([...counts].map(([c, count]) => [c, { order: rng.permutation(count), next: 0 }]));
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const rank = ranks.get(y?.[i] ?? 0)!;
    keys[i] = (rank.order[rank.next++]! + rng.random()) / rank.order.length;
  }
  const sorted = keys.slice().sort();
  const parts = sizes.map((size) => ({ rows: new Int32Array(size), filled: 0 }));
  const ends: number[] = [];
  let end = 0;
  for (const size of sizes) {
    end += size;
    ends.push(end < n ? sorted[end]! : Number.POSITIVE_INFINITY);
  }
  for (let i = 0; i < n; i++) {
    // Equal keys at a boundary are possible, if barely: a full part passes its row on.
    let p = ends.findIndex((limit) => keys[i]! < limit);
    while (p >= 0 && p < parts.length && parts[p]!.filled === parts[p]!.rows.length) p++;
    const part = parts[p];
    if (part !== undefined) part.rows[part.filled++] = i;
  }
  return parts.map(({ rows, filled }) => rows.subarray(0, filled));
}

/**
 * A few labelled rows: the same number of every class, drawn at random; of a class with fewer, all.
 * @returns at most `classes · perClass` rows, ascending.
 */
export function labelledSubset(y: Int32Array, classes: number, perClass: number, seed: number): Int32Array {
  const rng = streams(seed).for("rows that keep their label");
  const chosen: number[] = [];
  for (let c = 0; c < classes; c++) {
    const rows: number[] = [];
    for (let i = 0; i < y.length; i++) if (y[i] === c) rows.push(i);
    const order = rng.permutation(rows.length);
    for (const k of order.subarray(0, perClass)) chosen.push(rows[k]!);
  }
  return Int32Array.from(chosen).sort();
}
