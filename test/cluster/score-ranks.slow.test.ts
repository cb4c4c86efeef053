/** `vera score` of a table in many files under a real launcher. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Database } from "../../src/tables/duckdb.js";
import { flowers, HEADER, trainOnFlowers } from "../score/flowers.js";
import { hasMpirun, processOf, start, until } from "./launch.js";

const PARTS = 24;
/** Of part i: no two ranks get the same. */
const sizeOf = (i: number) => 500 * (i + 1);
const ROWS = (500 * PARTS * (PARTS + 1)) / 2;

let folder: string;
let database: Database;
const path = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-score-ranks-"));
  await trainOnFlowers(path("train.csv"), path("run"));
  await mkdir(path("parts"));
  database = await Database.open();
  for (let i = 0, first = 0; i < PARTS; first += sizeOf(i++)) {
    await writeFile(path("part.csv"), [HEADER, ...flowers(sizeOf(i), i + 1, 0, first)].join("\n"));
    const name = path("parts", `part-${String(i).padStart(2, "0")}.parquet`);
    await database.run(`COPY (FROM '${path("part.csv")}') TO '${name}' (FORMAT parquet)`);
  }
}, 120_000);
afterAll(async () => {
  database.close();
  await rm(folder, { recursive: true, force: true });
});

const score = (ranks: number, out: string, from = path("parts")) =>
  start(ranks, ["score", path("run"), from, "--out-dir", out, "--keep", "id", "--threads", "1"]);
const resultsIn = async (out: string) => (await readdir(out).catch(() => [])).filter((name) => /^part-/.test(name));
const timesIn = async (out: string, names: readonly string[]) =>
  Promise.all(names.map(async (name) => (await stat(join(out, name))).mtimeMs));

/** How many rows of some files others lack; a row that is there twice is to be there twice. */
async function missing(from: string, to: string): Promise<number> {
  const rows = (files: string) => `SELECT * EXCLUDE row FROM read_parquet('${files}')`;
  const [found] = await database.rows(`SELECT count(*) AS n FROM (${rows(from)} EXCEPT ALL ${rows(to)})`);
  return Number(found!.n);
}

describe.skipIf(!hasMpirun)("under mpirun", () => {
  test("a rank that is killed costs the parts that were in the making; started again, no row is lost, and none is there twice", async () => {
    const out = path("killed");
    const job = score(2, out);
    await until(async () => (await resultsIn(out)).length >= 4);
    process.kill(await processOf(1, out), "SIGKILL");
    expect((await job.ended).code).not.toBe(0);
    const before = await resultsIn(out);
    expect(before.length).toBeGreaterThanOrEqual(4);
    expect(before.length).toBeLessThan(PARTS - 2);
    const times = await timesIn(out, before);

    const again = await score(3, out).ended;
    expect(again.code, again.text).toBe(0);
    expect(again.text).toContain(`${before.length} of ${PARTS} parts are done already, and are skipped`);
    expect(again.text).toContain(`${PARTS - before.length} scored, ${before.length} skipped`);
    expect(again.text.match(new RegExp(`^${ROWS} inputs: ${ROWS} scored, \\d+ flagged`, "gm"))).toHaveLength(1);
    expect(await timesIn(out, before)).toEqual(times);
    expect((await readdir(out)).filter((name) => !/^part-\d\d\.parquet$/.test(name))).toEqual([".vera-scored"]);

    const alone = start(1, [
      "score",
      path("run"),
      path("parts", "*.parquet"),
      "--keep",
      "id",
      "--out",
      path("one.parquet"),
      "--threads",
      "1",
    ]);
    expect((await alone.ended).code).toBe(0);
    const all = join(out, "*.parquet");
    const [counted] = await database.rows(`SELECT count(*) AS n FROM read_parquet('${all}')`);
    expect(Number(counted!.n)).toBe(ROWS);
    expect(await missing(path("one.parquet"), all)).toBe(0);
    expect(await missing(all, path("one.parquet"))).toBe(0);

    // And without a launcher there is nothing left to do.
    const third = await score(1, out).ended;
    expect(third.text).toContain(`0 scored, ${PARTS} skipped`);
    expect(await timesIn(out, before)).toEqual(times);
  }, 480_000);

  test("a bad part is told by its rank, and the others are done", async () => {
    await mkdir(path("bad"));
    for (const i of [0, 1]) await writeFile(path("bad", `part-${i}.csv`), [HEADER, ...flowers(50, i)].join("\n"));
    await writeFile(path("bad", "part-2.csv"), "a,b\n1,2\n");
    const { code, text } = await score(2, path("bad-scored"), path("bad")).ended;
    expect(code).toBe(1);
    expect(text).toMatch(/vera: .*bad\/part-2\.csv: no column "length"/);
    expect(text).toContain("1 of 3 parts could not be scored: ");
    expect(await resultsIn(path("bad-scored"))).toEqual(["part-0.csv", "part-1.csv"]);
  });

  test("what all refuse is told once: several processes need a folder", async () => {
    const { code, text } = await start(2, ["score", path("run"), path("train.csv"), "--out", path("x.csv")]).ended;
    expect(code).toBe(2);
    expect(text.match(/2 processes were started, and one file is written by one: .*--out-dir/g)).toHaveLength(1);
    await expect(readFile(path("x.csv"))).rejects.toThrow();
  });
});
