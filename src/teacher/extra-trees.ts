/** Extremely randomised trees (Geurts et al. 2006): all rows, a few random columns a node, thresholds at random. */
import type { Rng } from "../runtime/index.js";

/** Rows `[N, width]`, of which the first `plain` columns are looked at. */
export interface TreeRows {
  readonly data: Float32Array;
  readonly width: number;
  readonly plain: number;
}

/** Node i asks whether column `column[i]` is at most `threshold[i]`; if so `child[i]` is next, else the node after that. */
interface Tree {
  /** -1: a leaf, and `child[i]` is where its C probabilities, times the tree's share, begin in `leaves`. */
  readonly column: Int32Array;
  readonly threshold: Float64Array;
  readonly child: Int32Array;
  readonly leaves: Float64Array;
}

const TREES = 100;

/**
 * Grows a forest on some rows and predicts all.
 * @param members row indices `[n]`.
 * @param labels their classes `[n]`, below `classes`.
 * @returns p(class) `[N, C]`: the mean of the trees.
 */
export function extraTrees(
  rows: TreeRows,
  members: Int32Array,
  labels: Int32Array,
  classes: number,
  rng: Rng,
  trees = TREES,
): Float32Array {
  const forest = Array.from({ length: trees }, () => grow(rows, members, labels, classes, 1 / trees, rng));
  const count = rows.data.length / rows.width;
  const out = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) {
    for (const { column, threshold, child, leaves } of forest) {
      let node = 0;
      for (let c = column[0]!; c >= 0; c = column[node]!) {
        node = child[node]! + Number(rows.data[i * rows.width + c]! > threshold[node]!);
      }
      for (let k = 0, leaf = child[node]!; k < classes; k++) out[i * classes + k]! += leaves[leaf + k]!;
    }
  }
  return out;
}

/** Until all leaves are of one class, or of equal rows. */
function grow(rows: TreeRows, members: Int32Array, labels: Int32Array, classes: number, share: number, rng: Rng): Tree {
  const [column, threshold, child, leaves]: [number[], number[], number[], number[]] = [[-1], [0], [0], []];
  const columns = Int32Array.from({ length: rows.plain }, (_, j) => j);
  const open = [{ node: 0, part: Array.from(members.keys()) }];
  for (let work = open.pop(); work !== undefined; work = open.pop()) {
    const { node, part } = work;
    const split = part.every((i) => labels[i] === labels[part[0]!])
      ? undefined
      : bestSplit(rows, members, labels, classes, part, columns, rng);
    if (split === undefined) {
      child[node] = leaves.length;
      const counts = new Array<number>(classes).fill(0);
      for (const i of part) counts[labels[i]!]! += share / part.length;
      leaves.push(...counts);
      continue;
    }
    const left = column.length;
    column[node] = split.column;
    threshold[node] = split.threshold;
    child[node] = left;
    column.push(-1, -1);
    threshold.push(0, 0);
    child.push(0, 0);
    const [low, high]: [number[], number[]] = [[], []];
    for (const i of part) {
      (rows.data[members[i]! * rows.width + split.column]! > split.threshold ? high : low).push(i);
    }
    open.push({ node: left, part: low }, { node: left + 1, part: high });
  }
  return {
    column: Int32Array.from(column),
    threshold: Float64Array.from(threshold),
    child: Int32Array.from(child),
    leaves: Float64Array.from(leaves),
  };
}

/** The purest (by Gini's index) of √D random splits of `part`, one a column that varies in it; undefined if none does. */
function bestSplit(
  rows: TreeRows,
  members: Int32Array,
  labels: Int32Array,
  classes: number,
  part: readonly number[],
  columns: Int32Array,
  rng: Rng,
): { readonly column: number; readonly threshold: number } | undefined {
  let left = Math.max(1, Math.floor(Math.sqrt(columns.length)));
  let best: { column: number; threshold: number; purity: number } | undefined;
  const values = new Float32Array(part.length);
  const below = new Float64Array(classes);
  const above = new Float64Array(classes);
  for (let drawn = 0; drawn < columns.length && left > 0; drawn++) {
    const other = drawn + rng.below(columns.length - drawn);
    [columns[drawn], columns[other]] = [columns[other]!, columns[drawn]!];
    const column = columns[drawn]!;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let p = 0; p < part.length; p++) {
      const value = rows.data[members[part[p]!]! * rows.width + column]!;
      values[p] = value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!(low < high)) continue;
    left--;
    const threshold = low + rng.random() * (high - low);
    below.fill(0);
    above.fill(0);
    for (let p = 0; p < part.length; p++) (values[p]! > threshold ? above : below)[labels[part[p]!]!]!++;
    const purity = concentration(below) + concentration(above);
    if (best === undefined || purity > best.purity) best = { column, threshold, purity };
  }
  return best;
}

/** Σ_k n_k² / n: n times one minus Gini's index. */
function concentration(counts: Float64Array): number {
  let [total, squares] = [0, 0];
  for (let k = 0; k < counts.length; k++) {
    total += counts[k]!;
    squares += counts[k]! ** 2;
  }
  return squares / total;
}
