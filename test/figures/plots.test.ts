import { describe, expect, it } from "vitest";
import { sharedBins } from "../../src/figures/histogram.js";
import {
  barChart,
  confusionMatrix,
  FigureError,
  heatmap,
  histograms,
  lineChart,
  reliabilityDiagram,
  rocCurves,
  scatter,
  toyPanels,
  trajectories,
} from "../../src/figures/index.js";
import { array, integers, NdArray, zeros } from "../../src/runtime/array.js";
import { bump, count, draw, spiral, texts } from "./fixtures.js";

const [NAN, INF] = [Number.NaN, Number.POSITIVE_INFINITY];

describe("lineChart", () => {
  it("has a path for each line and band, a dot for each point of a short series, and a legend", () => {
    const y = [1, 2, 4];
    const svg = lineChart(
      [
        { name: 'a<b & "c"', y, band: { low: [0, 1, 2], high: [2, 3, 6] } },
        { name: "d", y },
      ],
      {
        title: "T",
        xLabel: "X",
        yLabel: "Y",
      },
    );
    draw(svg);
    expect(count(svg, /<circle/)).toBe(6);
    expect(count(svg, /fill-opacity="0.18"/)).toBe(1);
    expect(texts(svg)).toEqual(expect.arrayContaining(["a&lt;b &amp; &quot;c&quot;", "d", "T", "X", "Y"]));
  });

  it("leaves gaps where values are missing, and marks lone points", () => {
    const y = Array.from({ length: 40 }, (_, i) => (i === 10 || i === 12 ? NAN : i === 20 ? INF : i));
    const svg = lineChart([{ name: "a", y }]);
    draw(svg);
    const d = /d="([^"]*)" fill="none" stroke="#0072b2"/.exec(svg)![1]!;
    expect(count(d, /M/)).toBe(4);
    expect(count(svg, /<circle/)).toBe(1);
  });

  it("keeps the extremes of long series while thinning them", () => {
    const y = Float64Array.from({ length: 100_000 }, (_, i) => (i === 51_234 ? 50 : Math.sin(i / 5000)));
    const svg = lineChart([{ name: "a", y }], { height: 100 });
    draw(svg);
    expect(svg.length).toBeLessThan(40_000);
    const d = /d="([^"]*)" fill="none" stroke="#0072b2"/.exec(svg)![1]!;
    const heights = [...d.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((m) => Number(m[1]));
    // The y axis has a margin of 5 % at each end, 1/1.1 of which is 4.55 pixels of the 100.
    expect(Math.min(...heights)).toBeCloseTo(100 * (0.05 / 1.1), 1);
  });

  it.each([
    ["no series", []],
    ["an empty series", [{ name: "a", y: [] }]],
    ["one point", [{ name: "a", y: [3] }]],
    ["constant data", [{ name: "a", y: [2, 2, 2] }]],
    ["nothing finite", [{ name: "a", y: [NAN, INF, -INF] }]],
    ["huge ranges", [{ name: "a", y: [-1e308, 1e308, 0] }]],
    ["zeros and negatives", [{ name: "a", y: [0, -1, 1e-9, 1e9] }]],
    ["a band with infinite ends", [{ name: "a", y: [1, 2, 3], band: { low: [-INF, 1, 0], high: [INF, 3, NAN] } }]],
  ])("draws %s, on linear and log axes", (_, series) => {
    for (const [xLog, yLog] of [
      [false, false],
      [false, true],
      [true, true],
    ]) {
      draw(lineChart(series, { xLog: xLog!, yLog: yLog! }));
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

  it("draws an outline for each sample that holds something", () => {
    const one = { name: "a", values: [1, 2, 3, NAN] };
    const svg = histograms([one, { name: "empty", values: [] }, { name: "constant", values: [2, 2] }]);
    draw(svg);
    expect(count(svg, /fill-opacity="0.2"/)).toBe(2);
    for (const samples of [
      [],
      [{ name: "a", values: [] }],
      [{ name: "a", values: [7] }],
      [{ name: "a", values: [NAN, INF] }],
    ])
      draw(histograms(samples));
    draw(histograms([{ name: "a", values: [-1e308, 1e308] }]));
  });
});

describe("reliabilityDiagram", () => {
  it("has an accuracy, a gap and a count bar for each bin that holds predictions", () => {
    const svg = reliabilityDiagram({
      confidence: [NAN, 0.5, 0.9],
      accuracy: [NAN, 0.4, 0.95],
      counts: [0, 10, 30],
      ece: 0.0625,
    });
    draw(svg);
    expect(count(svg, /<rect[^>]*fill-opacity="0.75"/)).toBe(2);
    expect(count(svg, /<rect[^>]*fill-opacity="0.35"/)).toBe(2);
    expect(count(svg, /<rect[^>]*fill-opacity="0.6"/)).toBe(2);
    expect(texts(svg)).toContain("ECE = 6.25 %");
    // Accuracy 0.4 of 300 pixels is a bar of 120.
    expect(svg).toMatch(/y="180" width="98" height="120"/);
    draw(reliabilityDiagram({ confidence: [], accuracy: [], counts: [], ece: NAN }));
    expect(() => reliabilityDiagram({ confidence: [1], accuracy: [1], counts: [1, 2], ece: 0 })).toThrow(FigureError);
  });
});

describe("pictures of the plane", () => {
  it("scatters few points as dots and many as one picture", () => {
    const few = scatter([
      { name: "a", points: spiral(50) },
      { name: "b", points: array([[1, NAN]]) },
    ]);
    draw(few);
    expect(count(few, /<circle/)).toBe(50 + 2);
    const many = scatter([{ name: "a", points: spiral(20_000) }]);
    draw(many);
    expect(count(many, /<circle/)).toBe(0);
    expect(count(many, /<image/)).toBe(1);
    for (const points of [
      zeros([0, 2]),
      zeros([1, 2]),
      array([
        [-1e30, 1e30],
        [1e30, 0],
      ]),
    ])
      draw(scatter([{ name: "a", points }]));
    expect(() => scatter([{ name: "a", points: zeros([3, 3]) }])).toThrow(FigureError);
  });

  it("draws row 0 of a grid at the bottom, NaN grey, infinite values as the ends", () => {
    const grid = array([
      [0, 1],
      [NAN, INF],
    ]);
    const svg = heatmap(grid, { extent: [0, 1, 0, 1], width: 100, height: 100 });
    const { at } = draw(svg);
    const frame = /translate\(([\d.]+) ([\d.]+)\)"><g transform="translate\(([\d.]+) ([\d.]+)\)/
      .exec(svg)!
      .slice(1)
      .map(Number);
    const [left, top] = [frame[0]! + frame[2]!, frame[1]! + frame[3]!];
    const cell = (x: number, y: number): number[] => at(Math.round(left + x), Math.round(top + y)).slice(0, 3);
    expect(cell(25, 75)).toEqual([0x44, 0x01, 0x54]);
    expect(cell(75, 75)).toEqual([0xfd, 0xe7, 0x25]);
    expect(cell(75, 25)).toEqual([0xfd, 0xe7, 0x25]);
    expect(cell(25, 25)).toEqual([208, 208, 208]);
  });

  it("draws constant, empty and broken grids, and rejects other shapes", () => {
    for (const grid of [zeros([4, 4]), zeros([0, 0]), zeros([1, 1]), array([[NAN, NAN]]), array([[1e38, -1e38]])])
      draw(heatmap(grid, { barLabel: "b" }));
    expect(() => heatmap(zeros([4]))).toThrow(FigureError);
    expect(() => heatmap(zeros([2, 2]), { extent: [1, 0, 0, 1] })).toThrow(FigureError);
  });

  it("shows the four panels of a toy model", () => {
    const points = spiral(10_000);
    const grid = bump(200);
    const density = new NdArray((grid.data as Float32Array).map(Math.exp), [200, 200]);
    const svg = toyPanels({
      samples: points,
      data: points,
      density,
      logDensity: grid,
      extent: [-3, 3, -3, 3],
      title: "T",
    });
    draw(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(["T", "Samples", "Data", "p(x)", "log p(x)"]));
    expect(count(svg, /<image/)).toBe(4);
    const lost = new NdArray(
      (grid.data as Float32Array).map(() => -INF),
      [200, 200],
    );
    draw(
      toyPanels({
        samples: zeros([0, 2]),
        data: points,
        density: zeros([200, 200]),
        logDensity: lost,
        extent: [-3, 3, -3, 3],
      }),
    );
  });

  it("draws a path with two ends for each chain that has a place", () => {
    const steps = [0, 1, 2].map((t) =>
      array([
        [t, 0],
        [0, t],
        [NAN, 1],
      ]),
    );
    const svg = trajectories(bump(20), steps, { extent: [-3, 3, -3, 3] });
    draw(svg);
    expect(count(svg, /<circle/)).toBe(4);
    draw(trajectories(bump(20), [], { extent: [-3, 3, -3, 3] }));
    expect(() => trajectories(bump(9), [zeros([1, 2]), zeros([2, 2])], { extent: [0, 1, 0, 1] })).toThrow(FigureError);
  });
});

describe("classification", () => {
  it("has a bar for each finite value", () => {
    const svg = barChart(
      ["a", "b"],
      [
        { name: "x", values: [1, NAN], errors: [0.1, 0.1] },
        { name: "y", values: [-2, 3] },
      ],
    );
    draw(svg);
    expect(count(svg, /<rect[^>]*fill="#0072b2"\/>/)).toBe(1);
    expect(count(svg, /<rect[^>]*fill="#d55e00"\/>/)).toBe(2);
    for (const values of [[0], [INF], [1e300], [-5]]) draw(barChart(["a"], [{ name: "x", values }]));
    draw(barChart([], []));
    expect(() => barChart(["a"], [{ name: "x", values: [1, 2] }])).toThrow(FigureError);
  });

  it("writes the counts of a confusion matrix, fewer names where they are many", () => {
    const svg = confusionMatrix(integers([8, 2, 0, 5], [2, 2]), { classes: ["cat", "dog"] });
    draw(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(["8", "2", "0", "5", "cat", "dog"]));
    const many = confusionMatrix(zeros([100, 100]));
    draw(many);
    expect(texts(many).length).toBeLessThan(60);
    draw(confusionMatrix(zeros([1, 1])));
    expect(() => confusionMatrix(zeros([2, 3]))).toThrow(FigureError);
    expect(() => confusionMatrix(zeros([2, 2]), { classes: ["a"] })).toThrow(FigureError);
  });

  it("draws ROC curves with their areas", () => {
    const rates = { falsePositiveRate: [0, 0, 1], truePositiveRate: [0, 1, 1] };
    const svg = rocCurves([{ name: "px", ...rates, auroc: 1 }]);
    draw(svg);
    expect(svg).toContain('d="M0 320L0 0L320 0"');
    expect(texts(svg)).toContain("px (1.000)");
    draw(rocCurves([{ name: "empty", falsePositiveRate: [], truePositiveRate: [] }]));
    expect(() => rocCurves([{ name: "x", falsePositiveRate: [0], truePositiveRate: [] }])).toThrow(FigureError);
  });
});
