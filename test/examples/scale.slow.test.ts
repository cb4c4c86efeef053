/** The examples of scoring at scale give the rows that `vera score` gives, and go on where they were stopped. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { Database } from "../../src/tables/duckdb.js";
import { flowers, HEADER, trainOnFlowers } from "../score/flowers.js";

const example = (file: string) => fileURLToPath(new URL(`../../examples/scale/${file}`, import.meta.url));

/** A Python with duckdb, onnxruntime and numpy; without one its example is not tested. */
const PYTHON = process.env.PYTHON_WITH_ONNXRUNTIME;

const SIZES = [3000, 1, 700, 2500];
const ROWS = SIZES.reduce((a, b) => a + b);

let folder: string;
let database: Database;
const path = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-scale-"));
  await trainOnFlowers(path("train.csv"), path("run"));
  database = await Database.open();
  await mkdir(path("parts"));
  for (let i = 0, first = 0; i < SIZES.length; first += SIZES[i++]!) {
    const rows = flowers(SIZES[i]!, i, i, first);
    if (i === 0) rows.splice(0, 2, ",-2,red,0,rose", "1,2,,1,lily"); // a missing number, a missing level
    await writeFile(path("part.csv"), [HEADER, ...rows].join("\n"));
    await database.run(`COPY (FROM '${path("part.csv")}') TO '${path("parts", `${i}.parquet`)}' (FORMAT parquet)`);
  }
  const quiet = { out: { write: () => {} }, err: { write: () => {} } };
  const scored = ["score", path("run"), path("parts"), "--keep", "id", "--out-dir", path("expected")];
  expect(await vera(scored, quiet)).toBe(0);
  expect(await vera(["export", path("run"), "--format", "onnx", "--out", path("model.onnx")], quiet)).toBe(0);
}, 120_000);
afterAll(async () => {
  database.close();
  await rm(folder, { recursive: true });
});

/** Rows in common with `vera score`, and how far they are from its. Where both classes are as probable, either may be named. */
async function compared(results: string) {
  const [found] = await database.rows(
    `SELECT count(*) AS n, max(abs(a.log_density - b.log_density)) AS f, max(abs(a.probability - b.probability)) AS p,
       count(*) FILTER (a.class <> b.class AND a.probability > 0.50001 OR a.ood <> b.out_of_distribution) AS others, count(DISTINCT b.class) AS classes
     FROM '${path("expected")}/*.parquet' AS a JOIN '${results}/*.parquet' AS b USING (id)`,
  );
  return Object.fromEntries(Object.entries(found!).map(([name, value]) => [name, Number(value)]));
}

async function holds(program: string, ...args: string[]): Promise<void> {
  const out = path(`by-${args.at(-1)!.split(".").at(-1)}`);
  const run = async () =>
    (await promisify(execFile)(program, [...args, path("model.onnx"), path("parts"), out])).stdout;
  expect(await run()).toContain(`${ROWS} rows of 4 parts scored`);
  const { f, p, ...counts } = await compared(out);
  expect(counts).toEqual({ n: ROWS, others: 0, classes: 2 });
  expect(f).toBeLessThan(1e-5);
  expect(p).toBeLessThan(1e-5);

  // As if killed while it wrote the last.
  const { mtimeMs } = await stat(join(out, "0.parquet"));
  await unlink(join(out, "3.parquet"));
  await writeFile(join(out, "3.parquet.tmp"), "half a res");
  expect(await run()).toMatch(/^1 of 4 parts are to be scored\n2500 rows of 1 parts scored/);
  expect((await stat(join(out, "0.parquet"))).mtimeMs).toBe(mtimeMs);
  expect(await readdir(out)).toEqual(["0.parquet", "1.parquet", "2.parquet", "3.parquet"]);
  expect((await compared(out)).n).toBe(ROWS);
}

describe.sequential("scoring at scale", () => {
  test(
    "with Node",
    () => holds(process.execPath, "--import", import.meta.resolve("tsx"), example("score.ts")),
    240_000,
  );

  test.skipIf(PYTHON === undefined)("with Python", () => holds(PYTHON!, example("score.py")), 240_000);
});
