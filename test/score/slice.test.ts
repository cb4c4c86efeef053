/** Planes through the space of inputs: orthonormal, through what they should go through. */
import { describe, expect, test } from "vitest";
import { NdArray, Rng } from "../../src/runtime/index.js";
import { principalPlane, projected, sliceGrid, throughThree, wholePlane } from "../../src/score/slice.js";

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

test("a plane through three inputs holds them", () => {
  const inputs = [
    [1, 0, 0, 2],
    [4, 4, 0, 2],
    [0, 3, 1, 1],
  ] as const;
  const plane = throughThree(...inputs)!;
  const [u, v] = plane.axes;
  expect(dot(u, u)).toBeCloseTo(1, 12);
  expect(dot(v, v)).toBeCloseTo(1, 12);
  expect(dot(u, v)).toBeCloseTo(0, 12);
  const at = projected(plane, new NdArray(Float32Array.from(inputs.flat()), [3, 4]));
  for (const [i, value] of [0, 0, 5, 0].entries()) expect(at.data[i]).toBeCloseTo(value, 6);
  const third = plane.origin.map((o, j) => o + at.data[4]! * u[j]! + at.data[5]! * v[j]!);
  for (const [j, value] of third.entries()) expect(value).toBeCloseTo(inputs[2][j]!, 5);
});

test("there is none through three on a line", () => {
  expect(throughThree([0, 0, 0], [1, 1, 1], [2, 2, 2])).toBeNull();
  expect(throughThree([0, 0], [0, 0], [1, 0])).toBeNull();
});

describe("principal directions", () => {
  test("are those of most variance, with their shares", () => {
    const rng = new Rng(1);
    const scales = [1, 5, 0.1, 3];
    const data = Float32Array.from({ length: 4 * 2000 }, (_, i) => scales[i % 4]! * rng.gaussian() + (i % 4));
    const { plane, shares } = principalPlane(new NdArray(data, [2000, 4]));
    expect(Math.abs(plane.axes[0][1]!)).toBeCloseTo(1, 2);
    expect(Math.abs(plane.axes[1][3]!)).toBeCloseTo(1, 2);
    expect(dot(...plane.axes)).toBeCloseTo(0, 9);
    expect(shares[0]).toBeCloseTo(25 / 35, 1);
    expect(shares[1]).toBeCloseTo(9 / 35, 1);
    expect(plane.origin[2]).toBeCloseTo(2, 1);
  });

  test("of rows on a line there are two all the same", () => {
    const { plane } = principalPlane(new NdArray(Float32Array.of(0, 0, 1, 1, 2, 2), [3, 2]));
    expect(dot(...plane.axes)).toBeCloseTo(0, 9);
    expect(dot(plane.axes[1], plane.axes[1])).toBeCloseTo(1, 9);
  });
});

test("a grid's cells go row by row from the bottom left", () => {
  const { data, shape } = sliceGrid(wholePlane(), [0, 2, 10, 14], 2, [2]);
  expect(shape).toEqual([4, 2]);
  expect([...data]).toEqual([0.5, 11, 1.5, 11, 0.5, 13, 1.5, 13]);
});
