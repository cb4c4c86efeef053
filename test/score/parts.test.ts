/** A table in many files, scored file by file: who does what, what is left alone, and that no row is lost. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { FolderLock } from "../../src/files/index.js";
import { assign } from "../../src/score/parts/assign.js";
import { findParts } from "../../src/score/parts/find.js";
import { recordFile } from "../../src/score/parts/record.js";
import { Database } from "../../src/tables/duckdb.js";
import { flowers, HEADER, trainOnFlowers } from "./flowers.js";

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe("assign", () => {
  const sizes = fc.array(fc.nat(10_000), { maxLength: 60 });
  const ranks = fc.integer({ min: 1, max: 9 });
  const loads = (all: readonly number[], shares: readonly (readonly number[])[]) =>
    shares.map((share) => sum(share.map((i) => all[i]!)));

  test("every part goes to one rank", () => {
    fc.assert(
      fc.property(sizes, ranks, (all, n) => {
        const shares = assign(all, n);
        expect(shares).toHaveLength(n);
        expect(shares.flat().sort((a, b) => a - b)).toEqual([...all.keys()]);
        for (const share of shares) expect(share).toEqual([...share].sort((a, b) => a - b));
      }),
    );
  });

  test("no rank has more than it must by more than its smallest part", () => {
    fc.assert(
      fc.property(sizes, ranks, (all, n) => {
        const shares = assign(all, n);
        const least = Math.min(...loads(all, shares));
        for (const share of shares) {
          const own = share.map((i) => all[i]!);
          expect(sum(own) - Math.min(...own, Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(least);
        }
      }),
    );
  });

  test("one large part is alone, equal ones are shared out equally, empty ones, too", () => {
    expect(assign([1, 1, 10, 1], 2)).toEqual([[2], [0, 1, 3]]);
    expect(assign(Array(7).fill(5), 3).map((share) => share.length)).toEqual([3, 2, 2]);
    expect(assign([0, 0, 0, 0], 2).map((share) => share.length)).toEqual([2, 2]);
    expect(assign([3], 3)).toEqual([[0], [], []]);
  });
});

let folder: string;
const path = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-parts-"));
  await trainOnFlowers(path("train.csv"), path("run"));
  await mkdir(path("parts"));
  for (let i = 0; i < PARTS; i++) await writeFile(path("parts", `p${i}.csv`), part(i).join("\n"));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => rm(path("out"), { recursive: true, force: true }));

const PARTS = 5;
const SIZES = [3, 700, 40, 2100, 1];
const first = (i: number) => sum(SIZES.slice(0, i));
const part = (i: number) => [HEADER, ...flowers(SIZES[i]!, i + 1, i, first(i))];

async function command(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await vera(argv, {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  });
  return { code, out, err };
}
const score = (from: string, ...more: string[]) =>
  command("score", path("run"), from, "--out-dir", path("out"), "--keep", "id", ...more);

/** All rows by the table's own number, without their places in files. */
async function rowsOf(...files: string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const rows = texts.flatMap((text) => text.trimEnd().split("\n").slice(1));
  return rows
    .map((row) => row.slice(row.indexOf(",") + 1))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}
const results = async () => (await readdir(path("out"))).filter((name) => !name.startsWith(".")).sort();
const scored = async () => rowsOf(...(await results()).map((name) => path("out", name)));
const names = Array.from({ length: PARTS }, (_, i) => `p${i}.csv`);

async function expected(): Promise<string[]> {
  const { code } = await command(
    "score",
    path("run"),
    path("parts", "*.csv"),
    "--keep",
    "id",
    "--out",
    path("all.csv"),
  );
  expect(code).toBe(0);
  return rowsOf(path("all.csv"));
}

describe("vera score --out-dir", () => {
  test("a folder: a result for each part, and together the rows of the table as one", async () => {
    const { code, err } = await score(path("parts"));
    expect({ code, names: await results() }).toEqual({ code: 0, names });
    const all = await expected();
    expect(all).toHaveLength(sum(SIZES));
    expect(await scored()).toEqual(all);
    expect(err).toContain(`parts: 5 scored, 0 skipped; results of 5 of 5 are in ${path("out")}`);
    const flagged = all.filter((row) => row.includes(",true,")).length;
    expect(flagged).toBeGreaterThan(1000); // most parts are moved away from the data
    expect(err).toContain(`${all.length} inputs: ${all.length} scored, ${flagged} flagged as out of distribution`);
  });

  test("a pattern of Parquet files in several folders: results are Parquet, in the same folders", async () => {
    const database = await Database.open();
    for (const [i, name] of ["a/x", "b/x", "b/y"].entries()) {
      await mkdir(path("lake", name.split("/")[0]!), { recursive: true });
      await database.run(
        `COPY (FROM '${path("parts", `p${i}.csv`)}') TO '${path("lake", `${name}.parquet`)}' (FORMAT parquet)`,
      );
    }
    expect((await score(path("lake", "*", "*.parquet"))).code).toBe(0);
    expect(await readdir(path("out", "b"))).toEqual(["x.parquet", "y.parquet"]);
    const rows = await database.rows(
      `SELECT count(*) AS n, sum(id) AS ids, count(DISTINCT id) AS different FROM '${path("out")}/*/*.parquet'`,
    );
    database.close();
    const n = first(3);
    expect([rows[0]!.n, rows[0]!.ids, rows[0]!.different].map(Number)).toEqual([n, (n * (n - 1)) / 2, n]);
  });

  test("what is done is skipped, and the sums are of all", async () => {
    const all = await score(path("parts"));
    await rm(path("out", "p3.csv")); // as if killed between record and result
    await rm(recordFile(path("out"), "p0.csv"));
    await rm(path("out", "p0.csv"));
    const before = await stat(path("out", "p1.csv"));
    await utimes(path("parts", "p2.csv"), 1e9, 1e9); // a copy: its content is the same
    const { code, err } = await score(path("parts"));
    expect(code).toBe(0);
    expect(err).toContain("3 of 5 parts are done already, and are skipped");
    expect(err.split("\n").at(-2)).toBe(all.err.split("\n").at(-2));
    expect((await stat(path("out", "p1.csv"))).mtimeMs).toBe(before.mtimeMs);
    expect(await scored()).toEqual(await expected());
  });

  test("Ctrl-C leaves whole results alone; what killed writers left goes; the same command goes on", async () => {
    let said = "";
    await writeFile(path("parts", "p1.csv"), part(1).with(3, "soft,0,red,1,rose").join("\n"));
    const code = await vera(["score", path("run"), path("parts"), "--out-dir", path("out"), "--keep", "id"], {
      out: { write: () => {} },
      err: {
        write: (text: string) => {
          said += text;
          if (text.includes("line 4")) process.emit("SIGINT");
        },
      },
    });
    expect(code).toBe(130);
    expect(said).toContain("stopped before the end; the same command goes on with the 4 of 5 parts left");
    expect(await results()).toEqual(["p0.csv"]);
    const left = path("out", ".vera-00000000-0000-0000-0000-000000000000.tmp");
    await writeFile(left, "half a res");
    await utimes(left, 1e9, 1e9);
    const again = await score(path("parts"));
    expect(again.err).toContain("1 of 5 parts are done already");
    expect(again.err).toContain("1 could not be read");
    expect((await readdir(path("out"))).filter((name) => name.startsWith("."))).toEqual([".vera-scored"]);
    expect(await scored()).toEqual(await expected());
    await writeFile(path("parts", "p1.csv"), part(1).join("\n"));
  });

  test("what is there is not replaced but with --overwrite", async () => {
    await mkdir(path("out"));
    await writeFile(path("out", "p4.csv"), "mine");
    const refused = await score(path("parts"));
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/p4\.csv is there, and no result of this command: .*--overwrite\n$/);
    expect(await results()).toEqual(["p4.csv"]);
    expect(await readFile(path("out", "p4.csv"), "utf8")).toBe("mine");
    expect((await score(path("parts"), "--overwrite")).code).toBe(0);
    expect(await scored()).toEqual(await expected());

    const other = await score(path("parts"), "--false-alarm-rate", "0.2");
    expect(other.err).toMatch(/p0\.csv was made with other options, or another calibration: /);
    await writeFile(path("parts", "p4.csv"), part(4).join("\n").replace("lily", "rose")); // of the same length
    const changed = await score(path("parts"));
    expect(changed.err).toMatch(/p4\.csv is the result of another p4\.csv: that has changed since: /);
    const replaced = await score(path("parts"), "--overwrite");
    expect(replaced.err).toContain("parts: 1 scored, 4 skipped"); // those that fit stay
    await writeFile(path("out", "p0.csv"), "shorter");
    expect((await score(path("parts"))).err).toMatch(/p0\.csv is not as it was written: /);
    await writeFile(path("parts", "p4.csv"), part(4).join("\n"));
  });

  test("results of another model stay", async () => {
    await trainOnFlowers(path("again.csv"), path("other"));
    await score(path("parts"));
    const { code, err } = await command(
      "score",
      path("other"),
      path("parts"),
      "--out-dir",
      path("out"),
      "--keep",
      "id",
    );
    // Trained alike, its checkpoint says where it was trained.
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/p0\.csv is the result of another model: /) });
  });

  test("a bad part is named, and the others are done", async () => {
    await mkdir(path("mixed"));
    await copyFile(path("parts", "p0.csv"), path("mixed", "good.csv"));
    await writeFile(path("mixed", "broken.parquet"), "PAR1, and then nothing");
    await writeFile(path("mixed", "columns.csv"), "length,width\n1,2\n");
    await symlink(path("nowhere.csv"), path("mixed", "gone.csv"));
    await writeFile(path("mixed", "_SUCCESS"), "");
    const { code, err } = await command("score", path("run"), path("mixed"), "--out-dir", path("out"));
    expect(code).toBe(1);
    expect(err).toMatch(/^vera: .*broken\.parquet: /m);
    expect(err).toMatch(/^vera: .*columns\.csv: no column "colour", which the model needs$/m);
    expect(err).toMatch(/^vera: .*gone\.csv: cannot be read \(ENOENT/m);
    expect(err).toMatch(/3 of 4 parts could not be scored: .*broken\.parquet, .*columns\.csv, .*gone\.csv/);
    expect(err).toContain("parts: 1 scored, 0 skipped; results of 1 of 4");
    expect(await results()).toEqual(["good.csv"]);
  });

  test("one at a time has the folder of results", async () => {
    await mkdir(path("out"));
    const lock = await FolderLock.take(path("out"), "vera score");
    const { code, err } = await score(path("parts"));
    await lock.release();
    expect(code).toBe(1);
    expect(err).toMatch(/out is in use by another vera score \(process \d+, since/);
  });

  test("what cannot be", async () => {
    const said = async (...argv: string[]) => (await command("score", path("run"), ...argv)).err;
    const out = ["--out-dir", path("out")];
    expect(await said(path("none"), ...out)).toMatch(/none: no such file or folder/);
    expect(await said(path("parts", "*.json"), ...out)).toMatch(/no file has a name like this/);
    expect(await said(path("parts"), "--out", path("x.csv"), ...out)).toMatch(/--out and --out-dir are two places/);
    expect(await said(path("train.csv"), "--overwrite")).toMatch(/--overwrite is for --out-dir/);
    expect(await said(path("parts"))).toMatch(/parts: a folder; .*--out-dir/);
    expect(await said(path("parts"), "--out-dir", path("parts"))).toMatch(/holds no file to score/);
    await mkdir(path("twins"));
    for (const end of ["csv", "txt"]) await copyFile(path("parts", "p0.csv"), path("twins", `p.${end}`));
    expect(await said(path("twins"), ...out)).toMatch(/p\.csv and .*p\.txt would both have p\.csv for their result/);
    await copyFile(path("parts", "p0.csv"), path("metrics.csv"));
    const inRun = await said(path("metrics.csv"), "--out-dir", path("run"), "--format", "jsonl");
    expect(inRun).toMatch(/run\/metrics\.jsonl is a file of the run itself/);
  });
});

describe("findParts", () => {
  test("folders below, but nothing hidden, no results, and nothing twice", async () => {
    await mkdir(path("tree", "year=2024", "scored"), { recursive: true });
    await mkdir(path("tree", "_delta_log"));
    const files = ["b.csv", "year=2024/a.csv", "year=2024/scored/a.csv", "_delta_log/0.json", ".b.csv.crc"];
    for (const file of files) await writeFile(path("tree", file), "x\n1\n");
    await symlink(path("tree"), path("tree", "year=2024", "up"));
    const found = await findParts(path("tree"), path("tree", "year=2024", "scored"));
    expect(found.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["b.csv", 4],
      ["year=2024/a.csv", 4],
    ]);
    const some = await findParts(path("tree", "year=*", "?.csv"), path("out"));
    expect(some.map(({ name }) => name)).toEqual(["year=2024/a.csv"]);
    expect((await findParts(path("tree", "b.csv"), path("out"))).map(({ name }) => name)).toEqual(["b.csv"]);
  });
});
