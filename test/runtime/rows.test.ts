/** Rows of arrays, and numbers of lists. */
import { describe, expect, test } from "vitest";
import { array, chunksOf, integers, joinRows, sliceRows, takeRows } from "../../src/runtime/index.js";
import { mean, standardDeviation, total } from "../../src/runtime/numbers.js";

const x = array([
  [1, 2],
  [3, 4],
  [5, 6],
]);

describe("rows", () => {
  test("what is cut into chunks and joined again is the same", () => {
    const chunks = [...chunksOf(x, 2)];
    expect(chunks.map(({ shape }) => shape)).toEqual([
      [2, 2],
      [1, 2],
    ]);
    expect(joinRows(chunks)).toEqual(x);
  });

  test("keep their type, whatever is done with them", () => {
    const y = integers([7, 8, 9]);
    for (const some of [takeRows(y, Int32Array.of(2, 0)), sliceRows(y, 1, 3), joinRows([y, y])]) {
      expect(some.dtype).toBe("i32");
      expect(some.data).toBeInstanceOf(Int32Array);
    }
    expect(Array.from(takeRows(y, Int32Array.of(2, 0)).data)).toEqual([9, 7]);
    expect(Array.from(joinRows([y, y]).data)).toEqual([7, 8, 9, 7, 8, 9]);
  });
});

test("sums, means and deviations, in double precision", () => {
  expect(total([])).toBe(0);
  expect(mean([])).toBeNaN();
  expect(total(new Float32Array(1e5).fill(0.1))).toBeCloseTo(1e5 * Math.fround(0.1), 5); // in single precision 9,998.56
  expect(standardDeviation([1, 3])).toBe(1);
});
