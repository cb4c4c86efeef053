import { expect, test } from "vitest";
import { NdArray, Rng } from "../../src/runtime/index.js";
import { neighbourGraph, type SparseMatrix } from "../../src/teacher/neighbours.js";
import { propagate } from "../../src/teacher/propagation.js";

const dense = ({ starts, targets, weights }: SparseMatrix): number[][] =>
  Array.from({ length: starts.length - 1 }, (_, i) => {
    const row = new Array<number>(starts.length - 1).fill(0);
    for (let e = starts[i]!; e < starts[i + 1]!; e++) row[targets[e]!]! += weights[e]!;
    return row;
  });

/** The definition: all pairs, sorted. */
function expectedGraph(rows: readonly (readonly number[])[], k: number): number[][] {
  const squares = rows.map((a) => rows.map((b) => a.reduce((sum, v, j) => sum + (v - b[j]!) ** 2, 0)));
  const weights = rows.map((_, i) => {
    const others = rows.map((_, j) => j).filter((j) => j !== i);
    const nearest = others.sort((a, b) => squares[i]![a]! - squares[i]![b]! || a - b).slice(0, k);
    const scale = squares[i]![nearest.at(-1)!]!;
    return rows.map((_, j) => (nearest.includes(j) ? Math.exp(-squares[i]![j]! / scale) : 0));
  });
  return weights.map((row, i) => {
    const joined = row.map((w, j) => Math.max(w, weights[j]![i]!));
    const total = joined.reduce((a, b) => a + b);
    return joined.map((w) => w / total);
  });
}

test("the graph of neighbours is that of its definition, over several blocks of rows", async () => {
  const rows = new Rng(7).normal([530, 3]);
  const list = Array.from({ length: 530 }, (_, i) => Array.from(rows.data.slice(3 * i, 3 * i + 3)));
  const found = dense(await neighbourGraph(rows, 4));
  const expected = expectedGraph(list, 4);
  let worst = 0;
  found.forEach((row, i) => {
    row.forEach((w, j) => {
      worst = Math.max(worst, Math.abs(w - expected[i]![j]!));
    });
  });
  expect(worst).toBeLessThan(1e-5);
});

test("equal rows weigh the same; few rows are all neighbours; one row has none", async () => {
  const far = 1000; // rounding of the product is far larger than the distances
  const equal = dense(await neighbourGraph(new NdArray(new Float32Array(9).fill(far), [3, 3])));
  expect(equal).toEqual([
    [0, 0.5, 0.5],
    [0.5, 0, 0.5],
    [0.5, 0.5, 0],
  ]);
  expect((await neighbourGraph(new NdArray(Float32Array.of(1, 2), [1, 2]))).targets.length).toBe(0);
});

/** 0 - 1 - 2 - 3, and 4 alone. */
const chain: SparseMatrix = {
  starts: Int32Array.of(0, 1, 3, 5, 6, 6),
  targets: Int32Array.of(1, 0, 2, 1, 3, 2),
  weights: Float32Array.of(1, 0.5, 0.5, 0.5, 0.5, 1),
};
const ends = { rows: Int32Array.of(0, 3), classes: Int32Array.of(0, 4) };

test("labels flow along the chain to the fixed point, labelled rows keep theirs", () => {
  const classes = 5; // more than are smoothed at a time
  const uniform = new Float32Array(5 * classes).fill(1 / classes);
  const y = propagate(chain, uniform, classes, ends, 0.8);
  const row = (i: number) => [...y.subarray(i * classes, (i + 1) * classes)];
  expect(row(0)).toEqual([1, 0, 0, 0, 0]);
  expect(row(3)).toEqual([0, 0, 0, 0, 1]);
  // a = .8 (1/2 + b/2) + .2/5 and b = .8 a/2 + .2/5 for class 0 of rows 1 and 2
  const a = (0.44 + 0.4 * 0.04) / (1 - 0.16);
  expect(row(1)[0]).toBeCloseTo(a, 4);
  expect(row(2)[0]).toBeCloseTo(0.4 * a + 0.04, 4);
  expect(row(1)[4]).toBeCloseTo(row(2)[0]!, 4);
  expect(row(1).reduce((s, v) => s + v)).toBeCloseTo(1, 5);
  expect(row(4)).toEqual(Array.from(uniform.subarray(0, classes)));
});

test("without smoothing predictions stay, and what went in is not changed", () => {
  const before = Float32Array.of(0.9, 0.1, 0.6, 0.4, 0.3, 0.7, 0.5, 0.5, 0.2, 0.8);
  const given = before.slice();
  const labelled = { rows: Int32Array.of(0), classes: Int32Array.of(1) };
  expect([...propagate(chain, given, 2, labelled, 0)]).toEqual([0, 1, ...before.slice(2)]);
  propagate(chain, given, 2, labelled, 0.5);
  expect(given).toEqual(before);
});
