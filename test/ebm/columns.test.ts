import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ColumnEncoding, encode, fitEncoding, type NumberEncoding } from "../../src/ebm/ensemble/columns.js";
import { NdArray, Rng } from "../../src/runtime/index.js";

const table = (rows: readonly (readonly number[])[]) =>
  new NdArray(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);
const column = (values: readonly number[]) => table(values.map((v) => [v]));
const numberOf = (encoding: ColumnEncoding | undefined): NumberEncoding => {
  if (encoding?.kind !== "number") throw new Error("no number");
  return encoding;
};
const codes = (values: readonly number[]) => {
  const rows = column(values);
  const { data, width } = encode(rows, fitEncoding(rows, []));
  return values.map((_, i) => [...data.subarray(i * width, (i + 1) * width)]);
};

describe("numbers", () => {
  test("become normal scores of mean 0 and variance 1, by rank alone", () => {
    const scores = codes([100, 0, 1]).map((c) => c[0]!);
    const root = Math.sqrt(1.5); // three ranks at -z, 0, z
    expect(scores).toEqual([root, -root, 0].map((v) => expect.closeTo(v, 6)));
    // Ties share the mean of their ranks: scores of 1/4, 1/4, 3/4, 3/4.
    expect(codes([3, 3, 9, 9]).map((c) => c[0])).toEqual([-1, -1, 1, 1].map((v) => expect.closeTo(v, 6)));
  });

  test("are coded piecewise between all values, where they are few", () => {
    expect(codes([0, 1, 4]).map((c) => c.slice(1))).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
  });

  test("between knots and beyond them", () => {
    const fitted = fitEncoding(column([0, 1, 4]), []);
    const { data } = encode(column([2.5, -9, 9]), fitted);
    const root = Math.sqrt(1.5);
    expect([...data]).toEqual([root / 2, 1, 0.5, -root, 0, 0, root, 1, 1].map((v) => expect.closeTo(v, 6)));
  });

  test("that are many keep 64 knots, none of them a large step from the next", () => {
    const rng = new Rng(1);
    const values = Array.from({ length: 5000 }, () => Math.exp(2 * rng.gaussian()));
    const { knots, scores } = numberOf(fitEncoding(column(values), [])[0]);
    expect(knots.length).toBeLessThanOrEqual(64);
    expect(knots[0]).toBe(Math.fround(Math.min(...values)));
    expect(knots.at(-1)).toBe(Math.fround(Math.max(...values)));
    // Within a step of the exact score, and near it where the values are dense.
    const exact = values.map((v) => Math.log(v) / 2);
    const errors = codes(values).map(([score], i) => Math.abs(score! - exact[i]!));
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.05);
    expect(Math.max(...scores.slice(1).map((s, k) => s - scores[k]!))).toBeLessThan(0.6);
  });

  test("a value of many rows is told from its neighbours", () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i < 300 ? 0 : i / 1000));
    const { edges } = numberOf(fitEncoding(column(values), [])[0]);
    expect(edges[0]).toBe(0);
    expect(edges[1]).toBe(Math.fround(0.3)); // the next value: its first code is 1 for all but zeros
    expect(edges.length).toBe(16); // 14 bins of the rest, and this one
    const inside = values.map((v, i) => (i < 300 ? 0.5004 : v));
    expect(numberOf(fitEncoding(column(inside), [])[0]).edges).toEqual(
      expect.arrayContaining([0.5, 0.5004, 0.501].map(Math.fround)),
    );
  });

  test("always have ascending edges, codes in [0, 1] and finite scores", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, min: -10, max: 10 }), { minLength: 1, maxLength: 60 }), (values) => {
        const { knots, scores, edges } = numberOf(fitEncoding(column(values), [])[0]);
        for (const list of [knots, edges, scores]) {
          expect(list.every((v, k) => k === 0 || v > list[k - 1]!)).toBe(true);
        }
        expect(edges.length).toBeGreaterThan(1);
        const coded = codes(values);
        expect(coded.flat().every(Number.isFinite)).toBe(true);
        expect(coded.every((c) => c.slice(1).every((v) => v >= 0 && v <= 1))).toBe(true);
      }),
    );
  });
});

test("categories stay as they are, before the codes; constant columns are constant", () => {
  const rows = table([
    [1, 0, 5, 0],
    [0, 1, 5, 1],
  ]);
  const encodings = fitEncoding(rows, [[0, 2]]);
  expect(encodings.map((e) => [e.kind, e.feature])).toEqual([
    ["category", 0],
    ["number", 2],
    ["number", 3],
  ]);
  const { data, width, plain } = encode(rows, encodings);
  expect([width, plain]).toEqual([6, 4]);
  expect([...data]).toEqual([1, 0, 0, -1, 0, 0, 0, 1, 0, 1, 0, 1].map((v) => expect.closeTo(v, 6)));
});
