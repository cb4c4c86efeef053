import { expect, test } from "vitest";
import { heightOf, seen } from "../../pages/studio/landscape/surface.js";
import type { Landscape } from "../../src/studio/ask-api.js";

test("what is high is seen further up, what is near further down, and half a turn exchanges corners", () => {
  const [, low] = seen(0.5, 0.5, 0, 0);
  const [, high] = seen(0.5, 0.5, 1, 0);
  expect(high).toBeLessThan(low);
  const [, , front] = seen(0.5, 0, 0, 0);
  const [, , back] = seen(0.5, 1, 0, 0);
  expect(front).toBeGreaterThan(back);
  const [x, y] = seen(0, 0, 0, Math.PI);
  const [oppositeX, oppositeY] = seen(1, 1, 0, 0);
  expect(x).toBeCloseTo(oppositeX, 12);
  expect(y).toBeCloseTo(oppositeY, 12);
});

test("heights are shares of the range, and nothing outside of it", () => {
  const found = { logDensity: [0, 5, null, 20], side: 2, range: [0, 10] } as unknown as Landscape; // what heights are read from
  expect(heightOf(found, 0, 0)).toBe(0);
  expect(heightOf(found, 0.9, 0)).toBe(0.5);
  expect(heightOf(found, 0, 1)).toBe(0);
  expect(heightOf(found, 1, 1)).toBe(1);
});
