/** From a run to decisions: calibration kept beside it, files scored row by row, as a user would on the command line. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { flatten } from "../../src/graph/index.js";
import { loadRun } from "../../src/runs/index.js";
import { calibrationFor, FALSE_ALARM_RATES, readCalibration, thresholdAt } from "../../src/score/calibration.js";
import { Probe } from "../../src/score/probe.js";
import { type Rejected, type Scored, score } from "../../src/score/score.js";
import { Database } from "../../src/tables/duckdb.js";
import { linearRun } from "../runs/linear-run.js";
import { flowers, HEADER, trainOnFlowers } from "./flowers.js";

let folder: string;
const path = (...names: string[]) => join(folder, ...names);
const run = () => path("run");

async function command(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await vera(argv, {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  });
  return { code, out, err, lines: out.trimEnd().split("\n") };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-score-"));
  await trainOnFlowers(path("train.csv"), run());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function collect(probe: Probe, file: string, options = {}): Promise<(Scored | Rejected)[]> {
  const all = [];
  for await (const input of score(probe, file, options)) all.push(input);
  return all;
}

describe("calibration.json", () => {
  test("is made once, and belongs to one checkpoint", async () => {
    const probe = new Probe(await loadRun(run()));
    expect(await readCalibration(probe.run)).toBeNull();
    const made = await calibrationFor(probe, 0.05);
    expect(made.data.validationExamples).toBe(40);
    expect(made.oodThresholds.map((t) => t.falseAlarmRate)).toEqual(FALSE_ALARM_RATES);
    expect(made.temperature).toBeGreaterThan(0);
    expect(await readCalibration(probe.run)).toEqual(made);
    // 40 examples: a twentieth of 41 is rank 2; a hundredth is none.
    expect(thresholdAt(made, 0.05)).toBeTypeOf("number");
    expect(thresholdAt(made, 0.01)).toBeNull();
    const more = await calibrationFor(probe, 0.07);
    expect(more.oodThresholds).toHaveLength(FALSE_ALARM_RATES.length + 1);
    expect((await calibrationFor(probe, 0.05)).oodThresholds).toHaveLength(FALSE_ALARM_RATES.length + 1);
    const stale = { ...more, checkpoint: { ...more.checkpoint, sha256: "0" } };
    await writeFile(path("run", "calibration.json"), JSON.stringify(stale));
    expect(await readCalibration(probe.run)).toBeNull();
  });

  test("of another f, from before it told which, is made anew", async () => {
    const { densityVersion, ...made } = await calibrationFor(new Probe(await loadRun(run())), 0.05);
    const below = made.oodThresholds.map((t) => ({ ...t, logDensity: -1e6 }));
    for (const told of [{}, { densityVersion: densityVersion + 1 }]) {
      await writeFile(path("run", "calibration.json"), JSON.stringify({ ...made, oodThresholds: below, ...told }));
      expect(await readCalibration(await loadRun(run()))).toBeNull();
      expect(thresholdAt(await calibrationFor(new Probe(await loadRun(run())), 0.05), 0.05)).toBeGreaterThan(-1e6);
    }
  });

  test.each(["null", "[]", "{", '{"checkpoint":{}}'])("of %s is made anew", async (content) => {
    await writeFile(path("run", "calibration.json"), content);
    expect(await readCalibration(await loadRun(run()))).toBeNull();
    expect(await command("score", run(), path("train.csv"))).toMatchObject({ code: 0 });
    expect(await readCalibration(await loadRun(run()))).not.toBeNull();
  });

  test.each([
    ["temperature", 0, "a number above 0 expected, found 0"],
    ["temperature", -1, "a number above 0 expected, found -1"],
    ["temperature", "abc", 'a number expected, found "abc"'],
    ["heldout", [1, 0], "numbers must ascend"],
    ["oodThresholds", null, "a list expected, found null"],
  ])("of this checkpoint is refused with %s = %j, by every command", async (key, value, problem) => {
    const file = path("run", "calibration.json");
    const content = await readFile(file, "utf8");
    await writeFile(file, JSON.stringify({ ...JSON.parse(content), [key]: value }));
    const refused = [
      await command("score", run(), path("train.csv")),
      await command("eval", run(), "--what", "ood"),
      await command("export", run(), "--format", "onnx", "--out", path("none.onnx")),
    ];
    await writeFile(file, content);
    for (const { code, err } of refused) {
      expect(code).toBe(1);
      expect(err).toContain(`${file}: ${key}: ${problem}; remove the file: it is made again`);
    }
  });

  test("is refused where the data has changed", async () => {
    const content = await readFile(path("train.csv"), "utf8");
    await writeFile(path("train.csv"), `${content}\n1,1,red,9,rose`);
    const { code, err } = await command("score", run(), path("train.csv"), "--false-alarm-rate", "0.3");
    await writeFile(path("train.csv"), content);
    expect(code).toBe(1);
    expect(err).toMatch(/fingerprint differs.*--uncalibrated/);
  });
});

describe("vera score", () => {
  test("one line out for each row in, bad ones by line number", async () => {
    const rows = flowers(12, 5);
    rows[1] = "soft,0,red,1,rose"; // line 3
    rows[3] = "1,2,red"; // line 5
    rows[5] = ",0,green,1,tulip"; // line 7: missing, unseen, and of a class that the model does not know
    rows[7] = "1e300,0,red,1,lily"; // line 9
    rows[9] = '"1","2","red","a ""quoted"" id",lily';
    await writeFile(path("new.csv"), [HEADER, ...rows.slice(0, 10), "", ...rows.slice(10)].join("\r\n"));
    const { code, lines, err } = await command("score", run(), path("new.csv"));
    expect(code).toBe(0);
    expect(lines[0]).toBe("line,class,probability,log_density,surprise,ood,note");
    expect(lines.slice(1).map((l) => Number(l.split(",")[0]))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]);
    expect(lines[2]).toBe('3,,,,,,"column ""length"": a number was expected, found ""soft"""');
    expect(lines[4]).toBe('5,,,,,,"3 fields, 5 expected"');
    expect(lines[6]).toMatch(/^7,(rose|lily),.*,missing length; unknown value in colour$/);
    expect(lines[8]).toMatch(/^9,.*,true,the log-density is not a finite number$/);
    expect(lines[10]).toMatch(/^11,(rose|lily),0\.\d+,-?\d+[^,]*,[01](\.\d+)?,(true|false),$/);
    expect(err).toContain("new.csv: line 3: column");
    expect(err).toContain("12 inputs: 10 scored");
    expect(err).toContain("2 could not be read");
  });

  test("--strict stops at the first, and leaves no file", async () => {
    const { code, err } = await command("score", run(), path("new.csv"), "--strict", "--out", path("strict.csv"));
    expect(code).toBe(1);
    expect(err).toMatch(/new\.csv: line 3: .*number was expected/);
    expect((await readdir(folder)).filter((f) => f.includes("strict") || f.endsWith(".tmp"))).toEqual([]);
  });

  test("Ctrl-C stops between batches, and leaves no file", async () => {
    await writeFile(path("long.csv"), [HEADER, "soft,0,red,1,rose", ...flowers(4000, 9)].join("\n"));
    let err = "";
    const code = await vera(["score", run(), path("long.csv"), "--out", path("stopped", "out.csv")], {
      out: { write: () => {} },
      err: {
        write: (text: string) => {
          err += text;
          if (text.includes("line 2")) process.emit("SIGINT");
        },
      },
    });
    expect(code).toBe(130);
    expect(err).toMatch(/stopped before the end\n2000 inputs: 1999 scored/);
    expect(await readdir(path("stopped"))).toEqual([]);
  });

  test("columns are copied through, as text, JSON and Parquet", async () => {
    const rows = flowers(5, 5);
    rows[2] = "soft,0,red,,rose";
    await writeFile(path("keep.csv"), [HEADER, ...rows].join("\n"));
    const keep = ["--keep", "id,kind", "--uncalibrated"];
    const { lines } = await command("score", run(), path("keep.csv"), ...keep);
    expect(lines[0]).toBe("line,id,kind,class,probability,log_density,note");
    expect(lines[2]).toMatch(/^3,1,rose,(rose|lily),0\.\d+,/);
    expect(lines[3]).toMatch(/^4,,rose,,,,"column ""length""/);
    const json = await command("score", run(), path("keep.csv"), ...keep, "--out", path("keep.jsonl"));
    expect(json.code).toBe(0);
    const records = (await readFile(path("keep.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((l) => JSON.parse(l));
    expect(records[1]).toMatchObject({ line: 3, id: "1", kind: "rose" });
    expect((await command("score", run(), path("keep.csv"), ...keep, "--out", path("keep.parquet"))).code).toBe(0);
    const database = await Database.open();
    const read = await database.rows(`SELECT * FROM '${path("keep.parquet")}'`);
    const types = await database.rows(`DESCRIBE SELECT * FROM '${path("keep.parquet")}'`);
    await database.run(
      `COPY (SELECT * REPLACE (TRY_CAST(id AS BIGINT) AS id) FROM read_csv('${path("keep.csv")}', nullstr='soft')) TO '${path("typed.parquet")}'`,
    );
    expect(read.map((r) => [Number(r.line), r.id, r.class])).toEqual(
      records.map((r) => [r.line, r.id, r.class ?? null].map((v) => (v === "" ? "" : v))),
    );
    expect(read[1]!.log_density).toBe(records[1].log_density);
    expect(read[2]).toMatchObject({ probability: null, note: expect.stringContaining('found "soft"') });
    expect(types.map((t) => t.column_type)).toEqual([
      "BIGINT",
      "VARCHAR",
      "VARCHAR",
      "VARCHAR",
      "DOUBLE",
      "DOUBLE",
      "VARCHAR",
    ]);
    // What has types keeps them, and rows that have no lines are counted.
    const typed = await command("score", run(), path("typed.parquet"), ...keep, "--out", path("again.parquet"));
    expect(typed.code).toBe(0);
    const [, id] = await database.rows(`DESCRIBE SELECT * FROM '${path("again.parquet")}'`);
    database.close();
    expect(id).toMatchObject({ column_name: "id", column_type: "BIGINT" });
    expect((await command("score", run(), path("keep.csv"), "--keep", "none-such")).err).toMatch(
      /no column "none-such", which shall be kept/,
    );
    expect((await command("score", run(), path("keep.csv"), "--format", "parquet")).err).toMatch(
      /name a file with --out/,
    );
  });

  test("a file is read as the user says", async () => {
    const text = ["length;width;colour", "1,5;-2;red", "2;x;red"].join("\n");
    await writeFile(path("said.txt"), text);
    const plain = await command("score", run(), path("said.txt"), "--uncalibrated");
    expect(plain.lines[2]).toMatch(/^3,,,,"column ""width"": a number was expected, found ""x"""$/);
    const said = await command("score", run(), path("said.txt"), "--uncalibrated", "--missing", "x");
    expect(said.lines[2]).toMatch(/,missing width$/);
    expect((await command("score", run(), path("said.txt"), "--delimiter", "xx")).err).toMatch(
      /--delimiter takes one character/,
    );
  });

  test("memory holds no more than a few batches where the reader is slow", async () => {
    await writeFile(path("slow.csv"), [HEADER, ...flowers(30_000, 3)].join("\n"));
    let [most, lines] = [0, 0];
    const out = new Writable({
      highWaterMark: 1000,
      write(chunk, _, done) {
        most = Math.max(most, out.writableLength);
        lines += String(chunk).split("\n").length - 1;
        setImmediate(done);
      },
    });
    const code = await vera(["score", run(), path("slow.csv"), "--uncalibrated"], { out, err: { write: () => {} } });
    expect(code).toBe(0);
    expect(lines).toBe(30_001);
    // A batch has 2,000 lines of some 30 bytes; without waiting all would be there at once.
    expect(most).toBeLessThan(3 * 2000 * 40);
  });

  test("a file without rows", async () => {
    await writeFile(path("rowless.csv"), `${HEADER}\n`);
    const { code, lines, err } = await command("score", run(), path("rowless.csv"));
    expect({ code, lines }).toEqual({ code: 0, lines: ["line,class,probability,log_density,surprise,ood,note"] });
    expect(err).toMatch(/^0 inputs/);
  });

  test("flags what is far from the data, and about as much of the data as asked", async () => {
    await writeFile(path("same.csv.gz"), gzipSync([HEADER, ...flowers(400, 7)].join("\n")));
    const probe = new Probe(await loadRun(run()));
    const calibration = await calibrationFor(probe, 0.2);
    const options = { threshold: thresholdAt(calibration, 0.2)! };
    const same = (await collect(probe, path("same.csv.gz"), options)) as Scored[];
    expect(same).toHaveLength(400);
    const rate = same.filter((s) => s.ood).length / 400;
    // A threshold from 40 examples has a true rate of 0.2 ± 0.062 (Beta(8, 33)), 400 draws add ± 0.02: four of those.
    expect(Math.abs(rate - 0.2)).toBeLessThan(0.26);
    for (const s of same) expect(s.ood).toBe(s.logDensity < options.threshold);
  });

  test("rows do not depend on how many come with them", async () => {
    const probe = new Probe(await loadRun(run()));
    const many = flowers(probe.batchSize + 5, 8);
    await writeFile(path("many.csv"), [HEADER, ...many].join("\n"));
    await writeFile(path("last.csv"), [HEADER, many.at(-1)].join("\n"));
    const all = (await collect(probe, path("many.csv"))) as Scored[];
    const [alone] = (await collect(probe, path("last.csv"))) as Scored[];
    expect(all).toHaveLength(many.length);
    // Products of another size may add in another order: the last digits of 32-bit floats.
    expect(all.at(-1)!.logDensity / alone!.logDensity).toBeCloseTo(1, 4);
    expect(all.at(-1)!.ood).toBeNull();
  });

  test("JSON lines, with all probabilities at the temperature", async () => {
    const cold = await command("score", run(), path("last.csv"), "--format", "jsonl", "--probabilities");
    const record = JSON.parse(cold.lines[0]!);
    expect(record.probabilities[record.class]).toBe(record.probability);
    expect(record.probabilities.rose + record.probabilities.lily).toBeCloseTo(1, 9);
    const raw = await command("score", run(), path("last.csv"), "--format", "jsonl", "--uncalibrated");
    const { temperature } = (await readCalibration(await loadRun(run())))!;
    const logit = (p: number) => Math.log(p / (1 - p));
    const plain = JSON.parse(raw.lines[0]!);
    expect(logit(plain.probability) / logit(record.probability)).toBeCloseTo(temperature!, 3);
    expect(record.surprise).toBeGreaterThanOrEqual(0);
    for (const name of ["ood", "surprise", "why"]) expect(plain).not.toHaveProperty(name);
  });

  test("--explain names columns, as text and as JSON, calibrated or not", async () => {
    const table = await command("score", run(), path("last.csv"), "--explain", "--uncalibrated");
    expect(table.lines[0]).toBe("line,class,probability,log_density,why,note");
    expect(table.lines[1]).toMatch(/,((length|width|colour) [01]\.\d\d(; )?){0,3},$/);
    const json = await command("score", run(), path("last.csv"), "--explain", "--format", "jsonl");
    const { why } = JSON.parse(json.lines[0]!);
    expect(why.map(({ column }: { column: string }) => column).sort()).toEqual(["colour", "length", "width"]);
  });

  test.each([
    ["a file without the columns", "a,b\n1,2\n", /no column "length", "width", "colour", which the model needs$/m],
    ["a file without a header", "1,2,red,1,rose\n2,3,red,2,lily\n", /it must name the columns/],
    ["an empty file", "", /the file is empty/],
    ["bytes", "a\0b", /not a text file/],
  ])("%s is refused in one line", async (_, content, message) => {
    await writeFile(path("wrong.csv"), content);
    const { code, out, err } = await command("score", run(), path("wrong.csv"));
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(message);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  test("a quote that never ends: what came before is scored, then an error with its line", async () => {
    const rows = flowers(4, 9);
    await writeFile(path("open.csv"), [HEADER, rows[0], rows[1], `"${rows[2]}`, rows[3]].join("\n"));
    const { code, lines, err } = await command("score", run(), path("open.csv"));
    expect(code).toBe(1);
    expect(lines).toHaveLength(3);
    expect(err).toMatch(/open\.csv, after line 3: a quoted field is never closed/);
  });

  test("what is not there, cannot be written, or cannot be promised", async () => {
    expect((await command("score", run(), path("none.csv"))).err).toMatch(/none\.csv: no such file or folder/);
    expect((await command("score", run(), folder)).err).toMatch(/a folder; the model takes rows of a table/);
    expect((await command("score", run())).code).toBe(2);
    const tight = await command("score", run(), path("last.csv"), "--false-alarm-rate", "0.001");
    expect(tight.err).toMatch(/40 validation examples tell rates down to 0\.024/);
    expect(tight.code).toBe(2);
    const blocked = await command("score", run(), path("last.csv"), "--out", path("last.csv", "x.csv"));
    expect(blocked.err).toMatch(/cannot write .*x\.csv/);
  });

  test("points need no header of their own", async () => {
    const probe = new Probe(linearRun({ weight: [[0, 0]], bias: [0], classes: null, curvature: 2 }));
    await writeFile(path("points.csv"), "3,4\n0,1\n");
    const scored = (await collect(probe, path("points.csv"), { threshold: -5 })) as Scored[];
    expect(scored.map(({ at, class: name, logDensity, ood }) => [at, name, logDensity, ood])).toEqual([
      [1, null, -25, true],
      [2, null, -1, false],
    ]);
    await writeFile(path("points.csv"), "1,2,3\n");
    await expect(collect(probe, path("points.csv"))).rejects.toThrow(/3 columns, but the model takes points of 2/);
  });

  test("pictures, a bad one among them", async () => {
    await mkdir(path("pictures"));
    const grey = (level: number) =>
      sharp({ create: { width: 6, height: 6, channels: 3, background: `rgb(${level},${level},${level})` } });
    for (let i = 0; i < 3; i++)
      await grey(100 * i)
        .png()
        .toFile(path("pictures", `${i}.png`));
    await writeFile(path("pictures", "1b.png"), "no picture");
    const model = linearRun({ weight: [[1, 1, 1, 1]], bias: [0], classes: null });
    const image = { kind: "image", scaling: "unit", max: 255, source: null } as const;
    const data = { ...model.info.data, shape: [1, 2, 2], preprocessing: image };
    const flat = {
      ...model.model,
      evaluate: (v: never, x: never, mode: never) => model.model.evaluate(v, flatten(x), mode),
    };
    const probe = new Probe({ ...model, model: flat, info: { ...model.info, data } });
    const scored = await collect(probe, path("pictures"));
    expect(scored.map((s) => s.at)).toEqual(["0.png", "1.png", "1b.png", "2.png"]);
    expect((scored[2] as Rejected).problem).toMatch(/no picture/);
    expect((scored[3] as Scored).logDensity).toBeCloseTo((4 * 200) / 255, 5);
    await expect(collect(probe, path("last.csv"))).rejects.toThrow(/the model takes pictures/);

    await mkdir(path("pictures", "more", ".ipynb_checkpoints"), { recursive: true });
    await grey(50)
      .png()
      .toFile(path("pictures", "more", "A.PNG"));
    await grey(50)
      .png()
      .toFile(path("pictures", "more", ".ipynb_checkpoints", "a.png"));
    await writeFile(path("pictures", "._0.png"), "of a Mac");
    await writeFile(path("pictures", "x.heic"), "");
    await symlink("nowhere", path("pictures", "lost.png"));
    const all = await collect(probe, path("pictures"));
    expect(all.map((s) => [s.at, "problem" in s ? s.problem.slice(0, 20) : ""])).toEqual([
      ["lost.png", "a link to what is no"],
      ["x.heic", "of a kind that is no"],
      ["0.png", ""],
      ["1.png", ""],
      ["1b.png", "truncated, or no pic"],
      ["2.png", ""],
      ["more/A.PNG", ""],
    ]);
  });
});

describe("vera eval", () => {
  test("prints tables and leaves JSON and figures", async () => {
    const small = [
      "--bootstrap",
      "20",
      "--attack-steps",
      "3",
      "--attack-examples",
      "20",
      "--eps-l2",
      "0.5",
      "--eps-linf",
      "0.1",
    ];
    const what = [
      "--what",
      "classification",
      "ood",
      "attacks",
      "--scores",
      "px",
      "refinel2",
      "--refine-steps",
      "2",
      "--sgld-lr",
      "0.01",
    ];
    const { code, out, err } = await command(
      "eval",
      run(),
      ...what,
      "--against",
      "uniform",
      path("many.csv"),
      ...small,
    );
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/Classification of 80 examples of train \(test split\)/);
    expect(out).toMatch(/many\.csv \(\d+\) +px +0\.\d{3} \(0\.\d{3} … /);
    expect(out).toMatch(/L2 radius +0 +0\.5/);
    const files = await readdir(path("run", "eval"));
    for (const name of [
      "classification.json",
      "ood.json",
      "attacks.json",
      "confusion.svg",
      "confusion.vl.json",
      "reliability-calibrated.png",
    ])
      expect(files).toContain(name);
    for (const name of ["ood-px.svg", "ood-roc-refinel2.png", "attack-l2.svg"]) expect(files).toContain(name);
    const { of, measures, confusion } = JSON.parse(await readFile(path("run", "eval", "classification.json"), "utf8"));
    expect(of).toBe("train (test split)");
    expect(measures.accuracy).toBeCloseTo((confusion[0][0] + confusion[1][1]) / 80, 12);
  });

  test("on a file of its own, with and without classes", async () => {
    const out = path("elsewhere");
    const labelled = await command(
      "eval",
      run(),
      "--dataset",
      path("many.csv"),
      "--what",
      "classification",
      "--out",
      out,
    );
    expect(labelled.out).toMatch(/Classification of \d+ examples of many\.csv/);
    expect(await readdir(out)).toContain("reliability.svg");
    const wrong = await command("eval", run(), "--dataset", "digits");
    expect(wrong.err).toMatch(/its examples have shape \[1,8,8\], the model takes \[\d\]/);
  });

  test("outliers: f beside simple detectors", async () => {
    const { code, out } = await command("eval", run(), "--what", "outliers", "--against", path("many.csv"));
    expect(code).toBe(0);
    expect(out).toMatch(/AUROC of 120 rows of train that were held out/);
    expect(out).toMatch(/columns shuffled +[01]\.\d{3} +[01]\.\d{3} +[01]\.\d{3}\n/);
    const { against } = JSON.parse(await readFile(path("run", "eval", "outliers.json"), "utf8"));
    expect(against.map(({ title }: { title: string }) => title)).toContain("many.csv");
  });

  test("says what it cannot do", async () => {
    expect((await command("eval", run(), "--what", "clasification")).err).toMatch(/--what takes classification, ood/);
    expect((await command("eval", run(), "--against", "nothing")).err).toMatch(/no such file, folder or data set/);
    expect((await command("eval", path("none"))).err).toMatch(/there is no run or checkpoint/);
    expect((await command("eval")).code).toBe(2);
  });
});
