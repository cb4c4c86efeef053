/** Max pooling over windows side by side, whose derivative has a way of its own: it is that of the definition, ties included. */
import fc from "fast-check";
import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { compile, NdArray } from "../../src/runtime/index.js";

/** Σ ct over the windows whose first maximum, row by row, an element is. */
function byDefinition(x: Float32Array, ct: Float32Array, [h, w]: g.Pair, [kh, kw]: g.Pair): number[] {
  const out = new Array<number>(h * w).fill(0);
  for (let row = 0; row < h; row += kh)
    for (let column = 0; column < w; column += kw) {
      let first = row * w + column;
      for (let i = 0; i < kh; i++)
        for (let j = 0; j < kw; j++) {
          const at = (row + i) * w + column + j;
          if (x[at]! > x[first]!) first = at;
        }
      out[first] = ct[(row / kh) * (w / kw) + column / kw]!;
    }
  return out;
}

test("the first of several maxima takes the cotangent", async () => {
  const cases = fc.record({
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    windows: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    values: fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 81, maxLength: 81 }), // few, so that most windows tie
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ kernel: [kh, kw], windows: [oh, ow], values }) => {
      const [h, w] = [kh * oh, kw * ow];
      const x = Float32Array.from(values.slice(0, h * w));
      const ct = Float32Array.from({ length: oh * ow }, (_, i) => i + 1);
      const gradient = compile(
        (input: g.Tensor, weights: g.Tensor) =>
          g.grad((u: g.Tensor) => g.sum(g.mul(g.maxPool2d(u, [kh, kw]), weights)))(input),
        { name: "pool" },
      );
      const found = await gradient(new NdArray(x, [1, 1, h, w]), new NdArray(ct, [1, 1, oh, ow]));
      await gradient.release();
      expect(Array.from(found.data)).toEqual(byDefinition(x, ct, [h, w], [kh, kw]));
    }),
    { numRuns: 30 },
  );
});
