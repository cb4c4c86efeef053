/** What is drawn, as numbers: colours, contours, axes, histories, samples of a grid, digits. */
import { expect, test } from "vitest";
import { toyEntropy } from "../../../bench/toy-entropy.js";
import { binned } from "../../../pages/playground/digits/bins.js";
import { blank, painted } from "../../../pages/playground/digits/brush.js";
import { parseRows } from "../../../pages/playground/digits/read.js";
import { contour } from "../../../pages/playground/draw/contours.js";
import { changePixels, fieldPixels } from "../../../pages/playground/draw/field.js";
import { ENTROPIES } from "../../../pages/playground/plane/entropies.js";
import { kept, stateAt } from "../../../pages/playground/plane/history.js";
import { scaleOf, ticks } from "../../../pages/playground/plane/scale.js";
import { gridSamples } from "../../../pages/playground/train/grid-samples.js";
import { sampleToy, TOY_NAMES } from "../../../src/data/sets/toy.js";
import { viridis } from "../../../src/figures/colormap.js";
import { Rng } from "../../../src/runtime/index.js";

test("the top of a field is bright, the deep is dark, and the bottom row comes last", () => {
  const pixels = fieldPixels([0, -100, -100, -100], 2, "logp");
  expect([...pixels.slice(8, 12)]).toEqual([...viridis(1), 255]);
  expect([...pixels.slice(0, 4)]).toEqual([...viridis(0), 255]);
});

test("what rises is orange, what falls is blue, what stays is clear", () => {
  const pixels = changePixels([1, -1, 0, 0], 2);
  expect(pixels[8]!).toBeGreaterThan(pixels[10]!);
  expect(pixels[12]!).toBeLessThan(pixels[14]!);
  expect(pixels[3]).toBe(0);
});

test("a contour of a cone is a circle", () => {
  const side = 41;
  const cone = Float32Array.from({ length: side * side }, (_, i) =>
    Math.hypot((i % side) - 20, Math.floor(i / side) - 20),
  );
  const lines = contour(cone, side, 12);
  expect(lines.length).toBeGreaterThan(4 * 40);
  for (let i = 0; i < lines.length; i += 2) expect(Math.hypot(lines[i]! - 20, lines[i + 1]! - 20)).toBeCloseTo(12, 1);
});

test("axes have round numbers within their range", () => {
  expect(ticks(0, 1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(ticks(2.75, 4.3, 5)).toEqual([3, 3.5, 4]);
  expect(scaleOf([0, 10], [100, 200])(5)).toBe(150);
});

test("a history is bounded, and has its beginning and its end", () => {
  let states: readonly { readonly iteration: number }[] = [];
  for (let iteration = 0; iteration <= 5000; iteration += 10) states = kept(states, { iteration }, 50);
  expect(states.length).toBeLessThanOrEqual(50);
  expect([states[0]!.iteration, states.at(-1)!.iteration]).toEqual([0, 5000]);
  expect(stateAt(states, null)!.iteration).toBe(5000);
  expect(Math.abs(stateAt(states, 2500)!.iteration - 2500)).toBeLessThan(400);
  expect(stateAt([], 3)).toBeNull();
  expect(kept([{ iteration: 1 }], { iteration: 1 })).toHaveLength(1);
});

test("samples of a grid lie where its mass is", () => {
  const side = 10;
  const logDensity = new Float32Array(side * side).fill(-1000);
  logDensity[0] = 0; // the cell at the bottom left
  const samples = gridSamples(logDensity, 5, side, 50, new Rng(1));
  for (const v of samples) expect(v >= -5 && v <= -4).toBe(true);
});

test("entropies are those of the densities", () => {
  for (const name of TOY_NAMES) {
    const { entropy, error } = toyEntropy(name, sampleToy(name, 500, new Rng(7)).data);
    expect(Math.abs(entropy - ENTROPIES[name]), name).toBeLessThan(4 * error + 0.01);
  }
});

test("the brush is full in its middle and fades", () => {
  const pixels = painted(blank(), 3, 3);
  expect(pixels[3 * 8 + 3]).toBe(16);
  expect(pixels[3 * 8 + 4]).toBe(8);
  expect(pixels[3 * 8 + 5]).toBe(0);
});

test("a histogram counts all, and shows what is far off", () => {
  const values = Array.from({ length: 100 }, (_, i) => i / 10);
  const { low, high, counts } = binned(values, 20, -3);
  expect(counts.reduce((a, b) => a + b)).toBe(100);
  expect(low).toBeLessThan(-3);
  expect(high).toBeGreaterThan(9.9);
  expect(binned(values, 20, -1000).low).toBeGreaterThan(-8);
});

test("rows of digits are read, and others refused", () => {
  const row = [...Array<number>(64).fill(16), 7].join();
  expect(parseRows(`${row}\n${row}\n`).labels).toEqual(Int32Array.of(7, 7));
  expect(() => parseRows("1,2,3")).toThrow("row 1");
});
