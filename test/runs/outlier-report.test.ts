/** The report of tables: rows that are odd, detectors to compare with, and that tested rows were not learned from. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allRows, type Dataset, FloatSplit, type TablePreprocessing } from "../../src/data/index.js";
import { resolveConfig } from "../../src/runs/index.js";
import { movedOutwards, shuffledColumns, uniformRows } from "../../src/runs/reports/odd-rows.js";
import {
  givenOutliers,
  heldOutDensity,
  noOutlierReport,
  outlierReport,
  outlierTable,
  outlierValues,
  outlierWarnings,
} from "../../src/runs/reports/outlier-report.js";
import { array, type NdArray, Rng } from "../../src/runtime/index.js";
import { loadTable } from "../../src/tables/index.js";
import { type Detector, mahalanobis, nearestNeighbours, smallest } from "../../src/train/detectors.js";

const TABLE: TablePreprocessing = {
  kind: "table",
  columns: [
    { kind: "numeric", name: "a", mean: 0, std: 1, missing: 0 },
    { kind: "categorical", name: "b", levels: ["x", "y"], missing: 0 },
    { kind: "numeric", name: "c", mean: 0, std: 1, missing: 0 },
  ],
  dropped: [],
  label: null,
};
const ROWS = array(Array.from({ length: 40 }, (_, i) => [i, Number(i % 2 === 0), Number(i % 2 === 1), -i]));
const column = ({ data, shape }: NdArray, j: number) =>
  Array.from({ length: shape[0]! }, (_, i) => data[i * shape[1]! + j]!);

describe("odd rows", () => {
  test("shuffled: the same values by column, not together", () => {
    const shuffled = shuffledColumns(TABLE, ROWS, new Rng(1));
    for (const j of [0, 1, 2, 3])
      expect(column(shuffled, j).sort((a, b) => a - b)).toEqual(column(ROWS, j).sort((a, b) => a - b));
    expect(column(shuffled, 1).every((v, i) => v + column(shuffled, 2)[i]! === 1)).toBe(true);
    const kept = column(shuffled, 0).filter((v, i) => v === -column(shuffled, 3)[i]!);
    expect(kept.length).toBeLessThan(10);
  });

  test("moved outwards: numbers, not categories", () => {
    const moved = movedOutwards(TABLE, ROWS, 16)!;
    expect([...moved.data.subarray(4, 8)]).toEqual([16, 0, 1, -16]);
    expect(movedOutwards({ ...TABLE, columns: [TABLE.columns[1]!] }, array([[0, 1]]), 2)).toBeNull();
  });

  test("noise: within the columns' reach, one level of a category", () => {
    const noise = uniformRows(TABLE, ROWS, new Rng(1));
    expect(Math.max(...column(noise, 0))).toBeGreaterThan(30);
    expect(column(noise, 0).every((v) => v >= 0 && v <= 39)).toBe(true);
    expect(column(noise, 3).every((v) => v <= 0 && v >= -39)).toBe(true);
    expect(column(noise, 1).every((v, i) => v + column(noise, 2)[i]! === 1 && v * (1 - v) === 0)).toBe(true);
  });
});

describe("simple detectors", () => {
  const rng = new Rng(1);
  const known = rng.normal([300, 3]);
  const asked = rng.normal([260, 3]);

  test("distance to the 5th nearest row", async () => {
    const found = await nearestNeighbours(known)(asked);
    const direct = (i: number) =>
      Array.from({ length: 300 }, (_, n) =>
        Math.hypot(...[0, 1, 2].map((j) => known.data[3 * n + j]! - asked.data[3 * i + j]!)),
      ).sort((a, b) => a - b)[4]!;
    for (const i of [0, 100, 249, 250, 259]) expect(found[i]).toBeCloseTo(-direct(i), 3);
  });

  test("the k-th smallest, of fewer the largest", () => {
    expect(smallest([5, 1, 4, 1, 3], 3)).toBe(3);
    expect(smallest([5, 1], 5)).toBe(5);
  });

  test("Mahalanobis' distance sees a correlation that is broken", async () => {
    const line = Array.from({ length: 200 }, () => rng.gaussian()).map((v) => [v, v + 0.1 * rng.gaussian()]);
    const far = array([
      [2, 2],
      [1, -1],
    ]);
    const [on, off] = await mahalanobis(array(line))(far);
    expect(on! - off!).toBeGreaterThan(10);
  });
});

describe("the report", () => {
  let folder: string;
  let dataset: Dataset;
  const path = (name: string) => join(folder, name);
  const config = (flags = {}) => resolveConfig({ flags: { csv: path("t.csv"), ...flags } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vera-outliers-"));
    const rng = new Rng(3);
    const lines = Array.from({ length: 200 }, () => {
      const v = rng.gaussian();
      return `${v},${v + 0.1 * rng.gaussian()},${rng.gaussian()}`;
    });
    await writeFile(path("t.csv"), `a,b,c\n${lines.join("\n")}`);
    await writeFile(path("odd.csv"), "c,b,a,more\n0,3,-3,9\n0,-3,3,9\n");
    await writeFile(path("empty.csv"), "a,b,c\n");
    dataset = await loadTable(path("t.csv"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("compares, and warns where f is behind", async () => {
    const blind: Detector = async ({ shape }) => new Float32Array(shape[0]!);
    const given = await givenOutliers(config({ outliers: path("odd.csv") }), dataset);
    const report = (await outlierReport(dataset, blind, given))!;
    expect(report.examples).toBe(60);
    expect(report.against.map(({ name, examples }) => [name, examples])).toEqual([
      ["shuffled", 60],
      ["outward2", 60],
      ["outward16", 60],
      ["uniform", 60],
      ["given", 2],
    ]);
    expect(report.uniform).toHaveLength(60);
    const values = outlierValues(report);
    expect(values.ood_auroc_given).toBe(0.5);
    expect(values.ood_auroc_given_mahalanobis).toBe(1);
    expect(values.ood_auroc_shuffled_knn).toBeGreaterThan(0.7);
    expect(outlierTable(report)).toMatch(/^ +odd\.csv +0\.500 +1\.000 +\d/m);
    expect(outlierWarnings(report)).toHaveLength(5);
    expect(outlierWarnings(report)[4]).toMatch(/tells these apart better: odd\.csv \(AUROC 1\.000, f 0\.500\)/);
  });

  test("f that is no number is below any", async () => {
    const near = mahalanobis(dataset.splits.train.x(allRows(dataset.splits.train.size)));
    const broken: Detector = async (rows) => (await near(rows)).map((v, i) => (i >= 60 ? Number.NaN : v));
    const { against } = (await outlierReport(dataset, broken, []))!;
    expect(against.map(({ auroc }) => auroc.f)).toEqual([1, 1, 1, 1]);
    expect(outlierWarnings({ examples: 60, against, uniform: new Float32Array() })).toEqual([]);
  });

  test("f has not learned from the rows tested", async () => {
    const rows = dataset.splits.test.x(allRows(dataset.splits.test.size));
    const other = new FloatSplit(new Float32Array(3 * 40).fill(7), [3], allRows(40), null);
    const changed: Dataset = { ...dataset, splits: { ...dataset.splits, test: other, validation: other } };
    const [a, b] = await Promise.all([dataset, changed].map((d) => heldOutDensity(config(), d)));
    expect(await a!(rows)).toEqual(await b!(rows));
    expect(await heldOutDensity(config({ energyDiscrepancy: true }), dataset)).toBeNull();
  });

  test("takes ten rows held out", async () => {
    const splits = { ...dataset.splits, validation: dataset.splits.validation.subset(allRows(9)) };
    const few = { ...splits, test: dataset.splits.test.subset([]) };
    expect(noOutlierReport(few)).toMatch(/takes 10 rows held out, and there are 9$/);
    expect(await outlierReport({ ...dataset, splits: few }, async () => new Float32Array(), [])).toBeNull();
    expect(noOutlierReport({ ...few, test: dataset.splits.test.subset([0]) })).toBeNull();
  });

  test("--outliers that are none", async () => {
    await expect(givenOutliers(config({ outliers: path("empty.csv") }), dataset)).rejects.toThrow(/no rows/);
    await writeFile(path("other.csv"), "a,z\n1,2\n");
    const wrong = givenOutliers(config({ outliers: path("other.csv") }), dataset);
    await expect(wrong).rejects.toThrow(/other\.csv: no column "b", "c"/);
    expect(() => resolveConfig({ flags: { dataset: "moons", outliers: "x.csv" } })).toThrow(/tables given with --csv/);
  });
});
