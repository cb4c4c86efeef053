import { describe, expect, it } from "vitest";
import { chainGrid, FigureError, imageGrid } from "../../src/figures/index.js";
import { array, NdArray, zeros } from "../../src/runtime/array.js";
import { pixelsOf } from "./fixtures.js";

const grey = (v: number): number[] => [v, v, v];

describe("imageGrid", () => {
  it("places, scales and pads the images; values outside the range are clamped, NaN is pink", () => {
    const images = array([
      [
        [-1, 1],
        [0, Number.NaN],
      ],
      [
        [-9, 9],
        [1, 1],
      ],
      [
        [1, 1],
        [1, -1],
      ],
    ]);
    const { width, height, at } = pixelsOf(imageGrid(images, { columns: 2, padding: 3, scale: 4 }));
    expect([width, height]).toEqual([2 * 8 + 3 * 3, 2 * 8 + 3 * 3]);
    expect(at(0, 0)).toEqual(grey(255));
    expect(at(3, 3)).toEqual(grey(0));
    expect(at(6, 6)).toEqual(grey(0));
    expect(at(7, 3)).toEqual(grey(255));
    expect(at(3, 7)).toEqual(grey(128));
    expect(at(7, 7)).toEqual([0xcc, 0x79, 0xa7]);
    expect([at(14, 3), at(18, 3)]).toEqual([grey(0), grey(255)]);
    expect(at(10, 21)).toEqual(grey(0));
    expect(at(20, 20)).toEqual(grey(255));
  });

  it("reads channels as planes", () => {
    const image = new NdArray(Float32Array.from([0, 1, 0.2, 0.4, 1, 0]), [1, 3, 1, 2]);
    const { at } = pixelsOf(imageGrid(image, { range: [0, 1], padding: 0, scale: 1 }));
    expect([at(0, 0), at(1, 0)]).toEqual([
      [0, 51, 255],
      [255, 102, 0],
    ]);
  });

  it("enlarges small images so that they can be seen", () => {
    expect(pixelsOf(imageGrid(zeros([4, 1, 8, 8]))).width).toBe(2 * 64 + 3 * 2);
    expect(pixelsOf(imageGrid(zeros([1, 1, 128, 128]))).width).toBe(128 + 2 * 2);
  });

  it("draws no images as an empty picture and rejects what is none", () => {
    expect(pixelsOf(imageGrid(zeros([0, 3, 8, 8]))).width).toBeGreaterThan(0);
    for (const shape of [
      [2, 2],
      [1, 2, 4, 4],
      [1, 1, 0, 4],
      [1, 1, 1, 4, 4],
    ])
      expect(() => imageGrid(zeros(shape)), shape.join()).toThrow(FigureError);
    expect(() => imageGrid(zeros([1, 2, 2]), { scale: 0.5 })).toThrow(FigureError);
    expect(() => imageGrid(zeros([1, 2, 2]), { columns: 0 })).toThrow(FigureError);
  });
});

describe("chainGrid", () => {
  it("has a row for each chain and a column for each time", () => {
    const steps = [0, 0.2, 0.4].map((v) => array([v, v + 0.6], [2, 1, 1, 1]));
    const { width, height, at } = pixelsOf(chainGrid(steps, { range: [0, 1], padding: 0, scale: 1 }));
    expect([width, height]).toEqual([3, 2]);
    expect([0, 1, 2].map((x) => at(x, 0)[0])).toEqual([0, 51, 102]);
    expect([0, 1, 2].map((x) => at(x, 1)[0])).toEqual([153, 204, 255]);
    expect(() => chainGrid([])).toThrow(FigureError);
    expect(() => chainGrid([zeros([2, 4, 4]), zeros([1, 4, 4])])).toThrow(FigureError);
  });
});
