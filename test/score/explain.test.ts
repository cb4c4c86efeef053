/** Reasons: the column that was made wrong comes first, by hand and on tables with planted faults. */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { surprise } from "../../src/metrics/index.js";
import { loadRun, resolveConfig, train } from "../../src/runs/index.js";
import { array, type NdArray, Rng } from "../../src/runtime/index.js";
import { columnGains, explain } from "../../src/score/explain.js";
import { Neighbours } from "../../src/score/neighbours.js";
import { Probe } from "../../src/score/probe.js";
import { referenceRows } from "../../src/score/reference-rows.js";
import { linearRun } from "../runs/linear-run.js";

const COLUMNS = [
  { start: 0, width: 1 },
  { start: 1, width: 2 },
];

describe("gains", () => {
  const reference = array([
    [0, 1, 0],
    [1, 1, 0],
    [5, 0, 1],
    [6, 0, 1],
  ]);

  test("neighbours are near in the other columns, one value far off or not", () => {
    const all = new Neighbours(reference, COLUMNS);
    const row = array([[5.2, 1, 0]]).data;
    expect(all.of(row, 0).slice(0, 2).sort()).toEqual([0, 1]); // those of the same category
    expect(all.of(row, 1)).toEqual([2, 3, 1, 0]); // by the number alone
    expect(all.of(array([[1e30, 1, 0]]).data, 0).slice(0, 2)).toEqual([0, 1]);
  });

  test("are log-mean-exps of f with the value replaced, at least 0", async () => {
    // f = -(x₀ - 1)² - 3 x₂: numbers near 1 and the first category are likely.
    const f = async ({ data, shape }: NdArray) =>
      Float32Array.from({ length: shape[0]! }, (_, i) => -((data[3 * i]! - 1) ** 2) - 3 * data[3 * i + 2]!);
    const x = array([
      [1, 0, 1],
      [1, 1, 0],
    ]);
    const few = array([
      [1, 1, 0],
      [3, 0, 1],
    ]);
    for (const batch of [1, 3, 100]) {
      const [wrong, right] = (await columnGains(f, x, few, COLUMNS, batch)) as [Float64Array, Float64Array];
      expect(wrong[0]).toBe(0); // its number is the best there is
      expect(wrong[1]).toBeCloseTo(Math.log((1 + Math.exp(-3)) / 2) + 3, 5);
      expect([...right]).toEqual([0, 0]);
    }
  });

  test("where f is no number, what makes it one", async () => {
    const f = async ({ data, shape }: NdArray) =>
      Float32Array.from({ length: shape[0]! }, (_, i) => (Math.abs(data[3 * i]!) > 100 ? Number.NaN : 0));
    const [gains] = await columnGains(f, array([[1e9, 1, 0]]), reference, COLUMNS, 8);
    expect([...gains!]).toEqual([1, 0]);
  });

  test("are for tables", async () => {
    const probe = new Probe(linearRun({ weight: [[0, 0]], bias: [0], classes: null }));
    await expect(explain(probe, array([[0, 0]]), array([[0, 0]]))).rejects.toThrow(/columns of a table/);
  });
});

test("surprise is the share that is more likely", () => {
  expect([-5, 1, 2, 2.5, 9].map((f) => surprise(f, [1, 2, 3, 4]))).toEqual([1, 0.75, 0.5, 0.5, 0]);
  expect(surprise(Number.NaN, [1, 2])).toBe(1);
});

describe("a table with planted faults", () => {
  let folder: string;
  const rows = (n: number, rng: Rng) =>
    Array.from({ length: n }, () => {
      const kind = rng.below(3);
      const size = rng.gaussian() + 3 * kind;
      const numbers = [size, 2 * size, -size, 1 - size].map((v) => v + 0.2 * rng.gaussian());
      return [...numbers, Math.exp(1.5 * rng.gaussian()), ["small", "middle", "large"][kind]!];
    });
  const HEADER = ["a", "b", "c", "d", "tail", "kind"];
  const csv = (list: readonly (readonly (string | number)[])[]) => [HEADER, ...list].map((r) => r.join(",")).join("\n");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vera-explain-"));
    await writeFile(join(folder, "t.csv"), csv(rows(400, new Rng(1))));
    const flags = { csv: join(folder, "t.csv"), saveDir: join(folder, "run"), plots: false, threads: 1 };
    await train(resolveConfig({ flags }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("the faulty column comes first in nine of ten", async () => {
    const probe = new Probe(await loadRun(join(folder, "run")));
    const reference = await referenceRows(probe.run);
    expect(reference.shape[0]).toBe(280);
    const rng = new Rng(2);
    const faulty: string[] = [];
    const planted = rows(60, rng).map((row) => {
      const j = rng.below(4);
      faulty.push(HEADER[j]!);
      return row.map((v, k) => (k === j ? (v as number) + 6 * (j === 1 ? 6 : 3) : v));
    });
    await writeFile(join(folder, "new.csv"), csv(planted));
    const { score } = await import("../../src/score/score.js");
    const options = { heldout: [0, 1], explain: (x: NdArray) => explain(probe, x, reference) };
    let hits = 0;
    for await (const scored of score(probe, join(folder, "new.csv"), options)) {
      if ("problem" in scored) throw new Error(scored.problem);
      const { why } = scored;
      if (why![0]!.column === faulty.shift()) hits++;
      expect(why!.map(({ column }) => column).sort()).toEqual([...HEADER].sort());
      expect(why!.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(scored.surprise).toBe(1);
    }
    expect(hits).toBeGreaterThanOrEqual(54);
  });

  test("the rows compared with are kept, and made anew where they are damaged", async () => {
    const run = await loadRun(join(folder, "run"));
    const file = join(folder, "run", "reference-rows.safetensors");
    const first = await referenceRows(run);
    const { mtimeMs } = await stat(file);
    expect((await referenceRows(run)).data).toEqual(first.data);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
    await writeFile(file, "damaged");
    expect((await referenceRows(run)).data).toEqual(first.data);
    const other = { ...run, info: { ...run.info, data: { ...run.info.data, fingerprint: "other" } } };
    await expect(referenceRows(other)).rejects.toThrow(/fingerprint differs/);
  });
});
