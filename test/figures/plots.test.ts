import { afterEach, describe, expect, it, vi } from "vitest";
import { sharedBins } from "../../src/figures/histogram.js";
import {
  confusionMatrix,
  FigureError,
  histograms,
  lineChart,
  reliabilityDiagram,
  rocCurves,
  scatter,
  toyPanels,
  trajectories,
} from "../../src/figures/index.js";
import { array, integers, NdArray, zeros } from "../../src/runtime/array.js";
import { bump, count, drawn, spiral } from "./fixtures.js";

const [NAN, INF] = [Number.NaN, Number.POSITIVE_INFINITY];

// Vega warns of what it had to guess or leave out.
const warned = vi.spyOn(console, "warn");
afterEach(() => {
  expect(warned).not.toHaveBeenCalled();
});

/** The `d` of the lines that a chart draws, by order. */
const lines = (svg: string): string[] =>
  [...svg.matchAll(/<g class="mark-line[^>]*>(.*?)<\/g>/gs)].flatMap((group) =>
    [...group[1]!.matchAll(/ d="([^"]*)"/g)].map((m) => m[1]!),
  );
const symbols = (svg: string): number =>
  [...svg.matchAll(/<g class="mark-symbol role-mark[^>]*>(.*?)<\/g>/gs)].reduce((n, m) => n + count(m[1]!, /<path/), 0);

describe("lineChart", () => {
  it("has a line for each series, a dot for each point of a short one, and a legend", async () => {
    const y = [1, 2, 4];
    const series = [
      { name: 'a<b & "c"\u0000', y },
      { name: "d", y },
    ];
    const { svg, texts } = await drawn(lineChart(series, { title: "T", xLabel: "X", yLabel: "Y" }));
    expect(lines(svg).length).toBe(2);
    expect(symbols(svg)).toBe(6);
    expect(texts).toEqual(expect.arrayContaining(['a&lt;b &amp; "c"', "d", "T", "X", "Y"]));
  });

  it("leaves gaps where values are missing, and marks lone points", async () => {
    const y = Array.from({ length: 40 }, (_, i) => (i === 10 || i === 12 ? NAN : i === 20 ? INF : i));
    const { svg } = await drawn(lineChart([{ name: "a", y }]));
    expect(count(lines(svg)[0]!, /M/)).toBe(4);
    expect(symbols(svg)).toBe(1);
  });

  it("draws series of one name as two", async () => {
    const { svg, texts } = await drawn(
      lineChart([
        { name: "a", y: [1, 2] },
        { name: "a", y: [2, 1] },
      ]),
    );
    expect(lines(svg).length).toBe(2);
    expect(texts).toEqual(expect.arrayContaining(["a", "a (2)"]));
  });

  it("keeps the extremes of long series while thinning them", async () => {
    const y = Float64Array.from({ length: 100_000 }, (_, i) =>
      i === 51_234 ? 50 : i === 70_000 ? NAN : Math.sin(i / 5000),
    );
    const { svg } = await drawn(lineChart([{ name: "a", y }], { height: 100, yRange: [0, 50] }));
    expect(svg.length).toBeLessThan(60_000);
    const [line] = lines(svg);
    expect(count(line!, /M/)).toBe(2);
    const heights = [...line!.matchAll(/[ML][\d.]+,(-?[\d.]+)/g)].map((m) => Number(m[1]));
    expect(Math.min(...heights)).toBeCloseTo(0, 3);
  });

  it.each([
    ["no series", []],
    ["an empty series", [{ name: "a", y: [] }]],
    ["one point", [{ name: "a", y: [3] }]],
    ["constant data", [{ name: "a", y: [2, 2, 2] }]],
    ["nothing finite", [{ name: "a", y: [NAN, INF, -INF] }]],
    ["huge ranges", [{ name: "a", y: [-1e308, 1e308, 0, 1e300, -1e300] }]],
    ["zeros and negatives", [{ name: "a", y: [0, -1, 1e-9, 1e9] }]],
  ])("draws %s, on linear and log axes", async (_, series) => {
    for (const [xLog, yLog] of [
      [false, false],
      [false, true],
      [true, true],
    ]) {
      await drawn(lineChart(series, { xLog: xLog!, yLog: yLog! }));
    }
  });

  it("rejects positions that do not match", () => {
    expect(() => lineChart([{ name: "a", x: [1], y: [1, 2] }])).toThrow(FigureError);
  });
});

describe("histograms", () => {
  it("normalises by all finite values over shared bins", () => {
    const { range, densities } = sharedBins([{ name: "a", values: [0.5, 0.5, 1.5, 9, NAN] }], {
      bins: 2,
      range: [0, 2],
    });
    expect(range).toEqual([0, 2]);
    expect(Array.from(densities[0]!)).toEqual([0.5, 0.25]);
  });

  it("is not stretched by a few outliers", () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e9 : i === 1 ? -1e9 : i / 1000));
    const { range } = sharedBins([{ name: "a", values }]);
    expect(range[0]).toBeGreaterThan(-0.1);
    expect(range[1]).toBeLessThan(1.1);
  });

  it("draws an outline for each sample that holds something", async () => {
    const one = { name: "a", values: [1, 2, 3, NAN] };
    const samples = [one, { name: "empty", values: [] }, { name: "constant", values: [2, 2] }];
    const { svg, texts } = await drawn(histograms(samples));
    expect(lines(svg).length).toBe(2);
    expect(texts).toEqual(expect.arrayContaining(["a", "empty", "constant", "Density"]));
    for (const some of [
      [],
      [{ name: "a", values: [] }],
      [{ name: "a", values: [7] }],
      [{ name: "a", values: [NAN, INF] }],
    ])
      await drawn(histograms(some));
    await drawn(histograms([{ name: "a", values: [-1e308, 1e308] }]));
  });
});

describe("reliabilityDiagram", () => {
  it("has an accuracy, a gap and a count bar for each bin that holds predictions", async () => {
    const chart = reliabilityDiagram({
      confidence: [NAN, 0.5, 0.9],
      accuracy: [NAN, 0.4, 0.95],
      counts: [0, 10, 30],
      ece: 0.0625,
    });
    const { svg, texts } = await drawn(chart);
    expect(count(svg, /fill-opacity="0.75"/)).toBe(2);
    expect(count(svg, /fill-opacity="0.35"/)).toBe(2);
    expect(count(svg, /fill-opacity="0.6"/)).toBe(2);
    expect(texts).toContain("ECE = 6.25 %");
    // Accuracy 0.4 of 300 pixels is a bar of 120, in the second of three bins.
    const bar = /<path d="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z" fill="#0072b2" fill-opacity="0.75"/.exec(svg)!;
    expect(bar.slice(1).map((v) => Math.round(Number(v)))).toEqual([101, 180, 98, 120]);
    await drawn(reliabilityDiagram({ confidence: [], accuracy: [], counts: [], ece: NAN }));
    expect(() => reliabilityDiagram({ confidence: [1], accuracy: [1], counts: [1, 2], ece: 0 })).toThrow(FigureError);
  });
});

describe("pictures of the plane", () => {
  it("scatters few points as dots and many as one picture", async () => {
    expect(symbols((await drawn(scatter(spiral(50)))).svg)).toBe(50);
    const many = await drawn(scatter(spiral(20_000)));
    expect(symbols(many.svg)).toBe(0);
    expect(count(many.svg, /<image/)).toBe(1);
    for (const points of [
      zeros([0, 2]),
      zeros([1, 2]),
      array([
        [1, NAN],
        [-1e30, 1e30],
        [1e30, 0],
      ]),
    ])
      await drawn(scatter(points));
    expect(() => scatter(zeros([3, 3]))).toThrow(FigureError);
  });

  it("draws row 0 of a grid at the bottom, NaN grey, infinite values as the ends", async () => {
    const grid = array([
      [0, 1],
      [NAN, INF],
    ]);
    const chart = trajectories(grid, [], [0, 1, 0, 1]);
    const { svg, at } = await drawn(chart);
    const [left, top] = /translate\(([\d.]+),([\d.]+)\)/.exec(svg)!.slice(1).map(Number) as [number, number];
    const cell = (x: number, y: number): number[] =>
      at(Math.round(left + 300 * x), Math.round(top + 300 * y)).slice(0, 3);
    expect(cell(0.25, 0.75)).toEqual([255, 255, 255]);
    expect(cell(0.75, 0.75)).toEqual([0x8d, 0x94, 0x9b]);
    expect(cell(0.75, 0.25)).toEqual([0x8d, 0x94, 0x9b]);
    expect(cell(0.25, 0.25)).toEqual([208, 208, 208]);
  });

  it("draws constant and broken grids, and rejects empty ones and other shapes", async () => {
    for (const grid of [zeros([4, 4]), zeros([1, 1]), array([[NAN, NAN]]), array([[1e38, -1e38]])])
      await drawn(trajectories(grid, [], [0, 1, 0, 1]));
    for (const shape of [[4], [0, 0]]) expect(() => trajectories(zeros(shape), [], [0, 1, 0, 1])).toThrow(FigureError);
    expect(() => trajectories(zeros([2, 2]), [], [1, 0, 0, 1])).toThrow(FigureError);
  });

  it("draws chains that ran off no further than the picture is wide: pictures take memory as far as their paths go", async () => {
    const steps = [[[0, 0]], [[300, -1e20]], [[NAN, 1]], [[0.5, 0.5]]].map((position) => array(position));
    const chart = trajectories(zeros([2, 2]), steps, [0, 1, 0, 1]);
    const places = JSON.stringify(chart).matchAll(/"[xy]":(-?[\d.e+-]+)/g);
    const far = Math.max(...[...places].map(([, place]) => Math.abs(Number(place))));
    expect(far).toBe(2);
    await drawn(chart);
  });

  it("shows the four panels of a toy model", async () => {
    const points = spiral(10_000);
    const grid = bump(200);
    const density = new NdArray(Float32Array.from(grid.data, Math.exp), [200, 200]);
    const extent = [-3, 3, -3, 3] as const;
    const panels = { samples: points, data: points, density, logDensity: grid, extent, title: "T" };
    const { svg, texts } = await drawn(toyPanels(panels));
    expect(texts).toEqual(expect.arrayContaining(["T", "Samples", "Data", "p(x)", "log p(x)"]));
    expect(count(svg, /<image/)).toBe(4);
    const lost = new NdArray(new Float32Array(200 * 200).fill(-INF), [200, 200]);
    await drawn(toyPanels({ ...panels, samples: zeros([0, 2]), density: zeros([200, 200]), logDensity: lost }));
  });

  it("draws a path with two ends for each chain that has a place", async () => {
    const steps = [0, 1, 2].map((t) =>
      array([
        [t, 0],
        [0, t],
        [NAN, 1],
      ]),
    );
    const extent = [-3, 3, -3, 3] as const;
    const { svg } = await drawn(trajectories(bump(20), steps, extent));
    expect(count(svg, /stroke-width="1.3"/)).toBe(2);
    // Four ends, and two marks that cannot be seen.
    expect(symbols(svg)).toBe(4 + 2);
    await drawn(trajectories(bump(20), [], extent));
    expect(() => trajectories(bump(9), [zeros([1, 2]), zeros([2, 2])], [0, 1, 0, 1])).toThrow(FigureError);
  });
});

describe("classification", () => {
  it("writes the counts of a confusion matrix, fewer names where they are many", async () => {
    const { texts } = await drawn(confusionMatrix(integers([8, 2, 0, 5], [2, 2]), { classes: ["cat", "dog"] }));
    expect(texts).toEqual(expect.arrayContaining(["8", "2", "0", "5", "cat", "dog"]));
    expect((await drawn(confusionMatrix(zeros([100, 100])))).texts.length).toBeLessThan(60);
    await drawn(confusionMatrix(zeros([1, 1])));
    expect(() => confusionMatrix(zeros([2, 3]))).toThrow(FigureError);
    expect(() => confusionMatrix(zeros([2, 2]), { classes: ["a"] })).toThrow(FigureError);
  });

  it("draws ROC curves with their areas", async () => {
    const rates = { falsePositiveRate: [0, 0, 1], truePositiveRate: [0, 1, 1] };
    const { svg, texts } = await drawn(
      rocCurves([
        { name: "px", ...rates, auroc: 1 },
        { name: "py", ...rates },
      ]),
    );
    expect(lines(svg)[0]).toBe("M0,320L0,0L320,0");
    expect(texts).toContain("px (1.000)");
    await drawn(rocCurves([{ name: "empty", falsePositiveRate: [], truePositiveRate: [] }]));
    expect(() => rocCurves([{ name: "x", falsePositiveRate: [0], truePositiveRate: [] }])).toThrow(FigureError);
  });
});
