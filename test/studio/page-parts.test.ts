/** What the studio's pages compute: which lines the table has, and how numbers are put together and written. */
import { describe, expect, test } from "vitest";
import { align, valueAt } from "../../pages/shared/align.js";
import { duration, meanAndDeviation, shown, ticks } from "../../pages/shared/numbers.js";
import { smooth } from "../../pages/shared/smoothing.js";
import { groupMetrics } from "../../pages/studio/run/metric-groups.js";
import { columnOf, metricId, metricsOf } from "../../pages/studio/runs/columns.js";
import { linesOf, passes, RECIPE, sorted, summary } from "../../pages/studio/runs/lines.js";
import { differingSettings, recipeOf } from "../../pages/studio/settings.js";
import { spread } from "../../pages/studio/statistics.js";
import type { RunSummary } from "../../src/studio/api.js";

const run = (
  name: string,
  settings: RunSummary["settings"],
  nll: number | null,
  more: Partial<RunSummary> = {},
): RunSummary => ({
  id: name,
  name,
  folder: "runs",
  state: "done",
  problem: null,
  data: "moons",
  mode: "vera",
  architecture: "toy",
  started: 0,
  updated: 1000,
  iteration: 100,
  iterations: 100,
  hasModel: true,
  settings,
  metrics: nll === null ? {} : { "validation/nll": { last: nll, min: nll, max: nll } },
  tags: [],
  ...more,
});

describe("lines of the table", () => {
  const runs = [
    run("a1", { lr: 0.01, seed: 1 }, 0.3),
    run("a2", { lr: 0.01, seed: 2, threads: 1 }, 0.5),
    run("b1", { seed: 1 }, 0.1, { tags: ["kept"] }),
    run("none", { seed: 2 }, null, { state: "stopped" }),
  ];
  const nll = columnOf(metricId("validation/nll", "min"))!;

  test("runs pass by words, settings, states and tags together", () => {
    const all = { text: "", states: [], tags: [] };
    const found = (filters: object) =>
      runs.filter((each) => passes(each, { ...all, ...filters })).map(({ name }) => name);
    expect(found({ text: "moons LR=0.01" })).toEqual(["a1", "a2"]);
    expect(found({ text: "kept" })).toEqual(["b1"]);
    expect(found({ tags: ["kept"] })).toEqual(["b1"]);
    expect(found({ states: ["stopped"], text: "seed=2" })).toEqual(["none"]);
  });

  test("what has no value is last, whichever way they are sorted", () => {
    const order = (descending: boolean) => sorted(runs, { column: nll.id, descending }).map(({ name }) => name);
    expect(order(false)).toEqual(["b1", "a1", "a2", "none"]);
    expect(order(true)).toEqual(["a2", "a1", "b1", "none"]);
  });

  test("equal settings are those but for the seed and what makes no other model", () => {
    expect(recipeOf(runs[0]!)).toBe(recipeOf(runs[1]!));
    expect(recipeOf(runs[0]!)).not.toBe(recipeOf(runs[2]!));
    const lines = linesOf(runs, RECIPE, new Set());
    const groups = lines.flatMap((line) => (line.kind === "group" ? [line.group] : []));
    expect(groups.map(({ title, runs }) => [title, runs.length])).toEqual([
      ["lr 0.01", 2],
      ["lr default", 2],
    ]);
    expect(groups.map((group) => summary(group, nll))).toEqual(["0.40 ± 0.14", "0.1000"]);
    expect(linesOf(runs, RECIPE, new Set([groups[0]!.key]))).toHaveLength(4);
  });

  test("columns of metrics say which metrics they need; ids that name none are none", () => {
    expect(metricsOf(["state", nll.id, metricId("a/b:c", "max")])).toEqual(["validation/nll", "a/b:c"]);
    expect(columnOf("metric:median:validation/nll")).toBeNull();
    expect(columnOf("nothing")).toBeNull();
  });

  test("settings that differ come with the seed last", () => {
    expect(differingSettings(runs.map(({ settings }) => settings))).toEqual(["lr", "seed"]);
  });
});

describe("curves", () => {
  test("smoothing is the mean of the past that exp(-age / span) weighs, and leaves gaps", () => {
    const x = [0, 10, 30, 40];
    const y = [1, 3, null, 2];
    const [w10, w40] = [Math.exp(-1), Math.exp(-4)];
    const w30 = Math.exp(-3);
    expect(smooth(x, y, 10)).toEqual([
      1,
      expect.closeTo((3 + w10) / (1 + w10), 12),
      null,
      expect.closeTo((2 + 3 * w30 + w40) / (1 + w30 + w40), 12),
    ]);
    expect(smooth(x, y, 0)).toEqual(y);
  });

  test("lines of different places share a table: gaps stay null, places that a line lacks are undefined", () => {
    const lines = [
      { x: [1, 3], y: [10, null] },
      { x: [2, 3], y: [20, 30] },
    ];
    expect(align(lines)).toEqual([
      [1, 2, 3],
      [10, undefined, null],
      [undefined, 20, 30],
    ]);
    expect([0, 1, 2.5, 9].map((at) => valueAt(lines[1]!, at))).toEqual([20, 20, 20, 30]);
  });

  test("metrics that belong together share a chart; new ones get one of their own", () => {
    const names = [
      "train/f_data",
      "train/f_samples",
      "train/epoch",
      "validation/accuracy",
      "train/new",
      "validation/new",
      "test/nll",
    ];
    expect(groupMetrics(names).map(({ title, metrics }) => [title, metrics])).toEqual([
      ["f of data and samples", ["train/f_data", "train/f_samples"]],
      ["Accuracy", ["validation/accuracy"]],
      ["new", ["train/new", "validation/new"]],
    ]);
  });
});

describe("numbers", () => {
  test("have the digits that count", () => {
    expect(
      [0, 12, 0.98333, -2.43057, 0.0000123, 12345678, null, Number.POSITIVE_INFINITY].map((v) => shown(v)),
    ).toEqual(["0", "12", "0.9833", "−2.431", "1.23e-5", "1.23e7", "–", "∞"]);
    expect([meanAndDeviation(0.98333, 0.00412), meanAndDeviation(-2.4, null), meanAndDeviation(5, 0)]).toEqual([
      "0.9833 ± 0.0041",
      "−2.400",
      "5 ± 0",
    ]);
    expect([999, 61_000, 3_700_000, 200_000_000].map(duration)).toEqual(["1 s", "1 min 1 s", "1 h 1 min", "2 d 7 h"]);
    expect(ticks([0, 0.25, 0.5])).toEqual(["0.00", "0.25", "0.50"]);
    expect(ticks([-20_000, 0, 20_000])).toEqual(["−20,000", "0", "20,000"]);
  });

  test("of several runs have Student's interval", () => {
    expect(spread([1, 2, 3, null])).toEqual({
      count: 3,
      mean: 2,
      deviation: 1,
      margin: expect.closeTo(4.303 / Math.sqrt(3), 3),
    });
    expect(spread([5])).toEqual({ count: 1, mean: 5, deviation: null, margin: null });
    expect(spread([null])).toBeNull();
    const many = spread(Array.from({ length: 21 }, (_, i) => i))!; // t of 20 degrees is 2.086
    expect((many.margin! * Math.sqrt(21)) / many.deviation!).toBeCloseTo(2.086, 3);
  });
});
