/** Which pixels make a picture unlikely: by hand, for densities whose answer is known. */
import { expect, test } from "vitest";
import type { NdArray } from "../../src/runtime/index.js";
import { total } from "../../src/runtime/numbers.js";
import { patchesOf, patchGains } from "../../src/score/occlude.js";

const SHAPE = [1, 8, 8] as const;

/** f = -Σ x²: bright pixels are unlikely. */
const dark = async ({ data, shape }: NdArray) =>
  Float32Array.from(
    { length: shape[0]! },
    (_, n) => -total(Array.from(data.subarray(n * 64, (n + 1) * 64), (value) => value * value)),
  );

test("the one bright pixel is what makes a picture unlikely, whatever the batch", async () => {
  const picture = new Float32Array(64);
  picture[8 * 3 + 5] = 1;
  for (const batch of [1, 7, 100]) {
    const gains = await patchGains(dark, picture, SHAPE, patchesOf(8), batch);
    const most = gains.indexOf(Math.max(...gains));
    expect([3, 5]).toEqual([Math.floor(most / 8), most % 8]);
    expect(gains[0]).toBeCloseTo(0, 6); // far away nothing is won
    expect(gains[8 * 3 + 5]).toBeCloseTo(1, 5); // each patch over it takes it away
  }
});

test("where what is there makes the picture likely, replacing it loses", async () => {
  const picture = new Float32Array(64).fill(1);
  for (const at of [27, 28, 35, 36]) picture[at] = 0;
  const gains = await patchGains(dark, picture, SHAPE, { side: 2, stride: 1 }, 16);
  expect(gains[27]).toBeLessThan(0);
});

test("patches reach every pixel, though their stride does not divide the picture; f that is no number says nothing", async () => {
  const colour = [3, 5, 5] as const;
  const bright = async ({ data, shape }: NdArray) =>
    Float32Array.from({ length: shape[0]! }, (_, n) => (data[n * 75] === 1 ? -data[n * 75 + 74]! : Number.NaN));
  const gains = await patchGains(bright, new Float32Array(75).fill(1).fill(2, 74), colour, { side: 2, stride: 2 }, 8);
  expect(gains.every(Number.isFinite)).toBe(true);
  expect(gains[24]).toBeCloseTo(1, 6);
  expect(patchesOf(32)).toEqual({ side: 4, stride: 2 });
});
