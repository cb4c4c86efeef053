/** Files as they are in the world: how they separate fields, what their first lines are, how they are encoded and packed. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { PLAIN } from "../../src/data/fields.js";
import type { TablePreprocessing } from "../../src/data/table.js";
import { Database } from "../../src/tables/duckdb.js";
import { type EncodedRows, encodeRows, loadTable, type TableOptions } from "../../src/tables/index.js";
import { openTable } from "../../src/tables/source.js";
import { expectDataError, put, temporaryFolder } from "../data/files.js";

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});

const COLOURS = ["rot", "grün", "blau"];
/** Rows of two numbers, a colour and a class. */
const ROWS = Array.from({ length: 60 }, (_, i) => [
  ((i * 7919) % 1000) / 100 - 5,
  ((i * 104_729) % 1000) / 10,
  COLOURS[i % 3]!,
  i % 2 === 0 ? "a" : "b",
]);
const HEADER = ["u", "v", "farbe", "kind"];
const separated = (delimiter: string, rows: readonly (readonly unknown[])[] = ROWS) =>
  [HEADER, ...rows].map((row) => row.join(delimiter)).join("\n");
const CSV = separated(",");

/** Loads a text and says what became of its columns. */
async function load(name: string, content: string | Buffer, options: TableOptions = { label: "kind" }) {
  const set = await loadTable(await put(folder, name, content), options);
  return { set, becomes: Object.fromEntries(set.columns.map(({ name, becomes }) => [name, becomes])) };
}
const NORMAL = { u: "numeric", v: "numeric", farbe: "categorical", kind: "label" };

/** All rows in the order of the file: splits are drawn. */
const values = (set: Awaited<ReturnType<typeof load>>["set"]) => {
  const { mean, std } = (set.preprocessing as TablePreprocessing).columns[0] as { mean: number; std: number };
  return { mean, std };
};

describe("a table of text", () => {
  const lines = CSV.split("\n");
  it.each<[string, string | Buffer]>([
    ["commas", CSV],
    ["semicolons", separated(";")],
    ["tabs", separated("\t")],
    ["bars", separated("|")],
    ["blanks", separated(" ")],
    [
      "columns set by blanks",
      lines
        .map((l) =>
          l
            .split(",")
            .map((f) => f.padStart(8))
            .join("  "),
        )
        .join("\n"),
    ],
    ["a line that says what separates", `sep=;\r\n${separated(";").replaceAll("\n", "\r\n")}`],
    ["delimiters at the end of every line", lines.map((l) => `${l},`).join("\n")],
    ["delimiters at the end of rows", [lines[0], ...lines.slice(1).map((l) => `${l},`)].join("\n")],
    ["a delimiter at the end of the header", [`${lines[0]},`, ...lines.slice(1)].join("\n")],
    ["lines above the table", `Report, 2024\n\nby me\n${CSV}`],
    ["empty lines", lines.join("\n\n")],
    ["old line ends", lines.join("\r")],
    [
      "fields in quotes",
      lines
        .map((l) =>
          l
            .split(",")
            .map((f) => `"${f}"`)
            .join(","),
        )
        .join("\n"),
    ],
    [
      "fields in single quotes",
      lines
        .map((l) =>
          l
            .split(",")
            .map((f) => `'${f}'`)
            .join(","),
        )
        .join("\n"),
    ],
    [
      "blanks around fields",
      lines
        .map((l) =>
          l
            .split(",")
            .map((f) => ` ${f} `)
            .join(","),
        )
        .join("\n"),
    ],
    ["commas in a file of semicolons", separated(";").replaceAll("rot", "rot, hell")],
    ["decimal commas", separated(";").replaceAll(/(\d)\.(\d)/g, "$1,$2")],
    ["a byte order mark", `\ufeff${CSV}`],
    ["Latin letters of Windows", Buffer.from(CSV, "latin1")],
    ["UTF-16 with its mark", Buffer.from(`\ufeff${CSV}`, "utf16le")],
    ["UTF-16 without", Buffer.from(CSV, "utf16le")],
    ["UTF-16, the other way round", Buffer.from(`\ufeff${CSV}`, "utf16le").swap16()],
    ["gzip", gzipSync(CSV)],
  ])("of %s is the same table", async (name, content) => {
    const { set, becomes } = await load(`${name}.csv`, content);
    expect(becomes).toEqual(NORMAL);
    expect(set).toMatchObject({ shape: [5], classes: ["a", "b"], split: { train: 42, validation: 6, test: 12 } });
    const plain = values((await load("commas.csv", CSV)).set);
    expect(values(set)).toEqual(plain);
    const levels = set.columns.find((c) => c.name === "farbe")!.content;
    if (!name.includes("semicolons")) expect(levels.split(", ").sort()).toEqual(["blau", "grün", "rot"]);
  });

  it.each([
    ["nothing", ",u,kind", ["column0", "u", "kind"]],
    ["no names for rows, as R writes them", "u,kind", ["column0", "u", "kind"]],
    ["years", "2021,2022,kind", ["2021", "2022", "kind"]],
    ["the same twice", "u,u,kind", ["u", "u (2)", "kind"]],
    ["what differs in case", "u,U,kind", ["u", "U", "kind"]],
  ])("whose first line has %s has names", async (name, header, names) => {
    const rows = ROWS.map(([u, v, , kind]) => [u, v, kind].join(","));
    const { set } = await load(`${name}.csv`, [header, ...rows].join("\n"));
    expect(set.columns.map((c) => c.name)).toEqual(names);
  });

  it.each([
    [
      "numbers and classes that come again",
      CSV.split("\n").slice(1).join("\n"),
      ["column0", "column1", "column2", "column3"],
    ],
    ["numbers alone", "1,2\n3,4\n5,6", ["column0", "column1"]],
    ["numbers that count", "0,1,2\n3.5,4,a\n5.5,6,b", ["0", "1", "2"]],
  ])("whose first line has %s", async (name, content, names) => {
    const { set } = await load(`${name}.csv`, content, {});
    expect(set.columns.map((c) => c.name)).toEqual(names);
  });

  it("reads a header where the user says so, and none where not", async () => {
    const names = async (options: TableOptions) =>
      (await load("said.csv", "1,2\n3,4\n5,6", options)).set.columns.map((c) => c.name);
    expect(await names({ header: true })).toEqual(["1", "2"]);
    expect(await names({ header: false })).toEqual(["column0", "column1"]);
    expect(await names({ label: undefined, ignore: ["2"] })).toEqual(
      ["1", "2"].slice(0, 0).concat(await names({ header: true })),
    );
  });

  it("leaves out rows of too many or too few fields, by line, and refuses a file of many", async () => {
    const few = `${CSV}\n1,2,rot\n\n1,2,rot,a,5\n"x\ny",2,rot,a`;
    const { set } = await load("ragged.csv", few);
    expect(set.notes[0]).toMatch(
      /2 of 63 rows have not the 4 fields that the others have \(line 62 has 3, line 64 has 5\): left out/,
    );
    const note = set.notes.join("; ");
    expect(note).toMatch(/1 value is no number and is taken for missing: "x\ny" in line 65/);
    const many = [...CSV.split("\n"), ...Array.from({ length: 20 }, () => "1,2")].join("\n");
    await expectDataError(() => load("many.csv", many), /more than one in ten.*--delimiter/);
  });

  it("refuses what is cut off, empty, or no text", async () => {
    await expectDataError(
      () => load("open.csv", `${CSV}\n1,"never closed\n2,3`),
      /line 62: a quoted field is never closed/,
    );
    const packed = gzipSync(Array.from({ length: 4000 }, (_, i) => `${i},${(i * i) % 977}`).join("\n"));
    await expectDataError(() => load("cut.csv.gz", packed.subarray(0, -20)), /truncated/);
    await expectDataError(() => load("empty.csv", ""), /empty/);
    await expectDataError(() => load("blank.csv", "\n \n"), /empty/);
    await expectDataError(() => load("binary.csv", Buffer.from([65, 0, 2, 10, 3, 4])), /not a text file/);
    await expectDataError(() => load("book.csv", "PK\u0003\u0004"), /Excel workbook.*save the sheet as CSV/);
    await expectDataError(() => load("long.csv", "x".repeat(5_000_000)), /a line of more than 4 MB/);
    await expectDataError(() => load("strange.csv", CSV, { encoding: "klingon" }), /no encoding "klingon"/);
  });
});

describe("columns", () => {
  const withColumn = (name: string, value: (i: number) => unknown) =>
    [[name, ...HEADER], ...ROWS.map((row, i) => [value(i), ...row])].map((row) => row.join(",")).join("\n");
  const decision = async (name: string, value: (i: number) => unknown, options: TableOptions = { label: "kind" }) =>
    (await load("column.csv", withColumn(name, value), options)).set.columns[0]!;

  it.each<[string, string, (i: number) => unknown, string, RegExp]>([
    [
      "an odd value among numbers",
      "x",
      (i) => (i === 7 ? "12O" : i * 1.5),
      "numeric",
      /no number and is taken for missing: "12O" in line 9/,
    ],
    ["infinite numbers", "x", (i) => (i < 2 ? ["inf", "1e400"][i] : i * 1.5), "numeric", /2 values are infinite/],
    ["words for missing numbers", "x", (i) => (i < 3 ? ["None", "#N/A", "-"][i] : i * 1.5), "numeric", /^$/],
    [
      "a number that may stand for none",
      "x",
      (i) => (i % 9 === 0 ? -999 : 20 + (i % 17) * 1.5),
      "numeric",
      /^-999 in 7 rows is far from all others: --missing -999/,
    ],
    ["a number that may, and is near", "x", (i) => (i % 9 === 0 ? 99 : 20 + i * 1.5), "numeric", /^$/],
    ["levels that are nearly numbers", "x", (i) => ["1", "2", "3+"][i % 3], "categorical", /"3\+" in line 4/],
    ["a number of the row", "id", (i) => 1000 + 7 * i, "left out", /identifier; --numeric keeps it/],
    ["a number of the row in one word", "userId", (i) => 1000 + 7 * i, "left out", /identifier/],
    ["whole numbers that all differ", "salary", (i) => 1000 + 7 * i, "numeric", /^$/],
    ["what counts the rows", "x", (i) => i, "numeric", /counts the rows/],
    ["keys", "key", (i) => `K${i}`, "left out", /nearly every row has another/],
    ["dates", "day", (i) => `2024-${1 + (i % 12)}-${1 + (i % 28)}`, "left out", /dates/],
    ["nothing", "x", () => "", "left out", /no values/],
    ["one value", "x", () => "same", "left out", /the same value in every row/],
    ["one number", "x", () => 14.62, "left out", /no two different values/],
    ["few numbers, some missing", "x", (i) => ["1", "2", ""][i % 3], "categorical", /few values, and missing ones/],
    ["truths", "x", (i) => (i % 3 === 0 ? "True" : "False"), "categorical", /^$/],
  ])("of %s", async (_, name, value, becomes, why) => {
    const found = await decision(name, value);
    expect(found.becomes).toBe(becomes);
    expect(found.why).toMatch(why);
  });

  it("of many rows are identifiers, too: estimates of their number do not decide", async () => {
    for (const rows of [300, 1234, 20_000]) {
      const text = Array.from({ length: rows }, (_, i) => `${i},${5 * i + 3},${(i * 7919) % 1000}`).join("\n");
      const { becomes } = await load("ids.csv", `,userId,x\n${text}`, {});
      expect(becomes).toEqual({ column0: "left out", userId: "left out", x: "numeric" });
    }
  });

  it("of plain numbers say nothing of how they are written, whatever else stands in them", async () => {
    const found = await decision("x", (i) => (i === 7 ? "a_b" : i * 1.5));
    expect(found).toMatchObject({ becomes: "numeric", content: "0 … 88.5" });
  });

  it("are what the user says", async () => {
    const id = (i: number) => 1000 + 7 * i;
    expect((await decision("id", id, { numeric: ["id"] })).becomes).toBe("numeric");
    expect((await decision("x", (i) => i % 3, { categorical: ["x"] })).becomes).toBe("categorical");
    const sentinel = await decision("x", (i) => (i % 9 === 0 ? -999 : i * 1.5), { missing: ["-999"] });
    expect(sentinel).toMatchObject({ becomes: "numeric", missing: 7 });
    await expectDataError(
      () => decision("x", (i) => `w${i % 3}`, { numeric: ["x"] }),
      /no value is a number: "w0" in line 2/,
    );
    await expectDataError(() => decision("x", id, { numeric: ["y"] }), /no column "y"/);
  });

  it.each<[string, (i: number) => unknown, RegExp]>([
    [
      "quantities",
      (i) => ((i * 7919) % 997) / 10,
      /different numbers in 60 rows: a quantity, and no classes.*--categorical y/,
    ],
    ["identifiers", (i) => `id${i}`, /different values in 60 rows: an identifier/],
    ["one class", () => "a", /has one class only: "a"/],
    ["nothing", () => "", /has no values/],
  ])("of %s are no classes", async (_, value, message) => {
    await expectDataError(() => load("label.csv", withColumn("y", value), { label: "y" }), message);
  });

  it("of classes that are the same number, or have one row", async () => {
    const { set } = await load(
      "classes.csv",
      withColumn("y", (i) => ["1", "1.0", "0", "0.0"][i % 4]),
      { label: "y" },
    );
    expect(set.classes).toEqual(["0", "1"]);
    const single = await load(
      "single.csv",
      withColumn("y", (i) => (i === 5 ? "rare" : i % 2 ? "Yes" : "yes")),
      { label: "y" },
    );
    expect(single.set.notes.join("\n")).toMatch(/class with one row.*"rare"\n.*differ in case only: "Yes", "yes"/);
  });
});

describe("other files", () => {
  it("Parquet, JSON, zstd, a database, a query, and several files are the same table", async () => {
    const csv = await put(folder, "base.csv", CSV);
    const path = (name: string) => join(folder, name);
    const database = await Database.open({ path: path("base.duckdb") });
    const read = `SELECT * FROM read_csv('${csv}')`;
    await database.run(`CREATE TABLE base AS ${read}`);
    await database.run(`COPY base TO '${path("base.parquet")}'`);
    await database.run(`COPY base TO '${path("base.jsonl")}' (FORMAT json)`);
    await database.run(`COPY base TO '${path("base.json")}' (FORMAT json, ARRAY true)`);
    await database.run(`COPY base TO '${path("base.csv.zst")}' (COMPRESSION zstd)`);
    database.close();
    mkdirSync(path("parts"));
    const lines = CSV.split("\n");
    await put(path("parts"), "1.csv", lines.slice(0, 20).join("\n"));
    await put(path("parts"), "2.csv", [lines[0], ...lines.slice(20)].join("\n"));
    const expected = await loadTable(csv, { label: "kind" });
    for (const [file, query] of [
      ["base.parquet"],
      ["base.jsonl"],
      ["base.json"],
      ["base.csv.zst"],
      ["base.duckdb"],
      ["base.duckdb", "SELECT * FROM base;"],
      ["parts/*.csv"],
    ] as const) {
      const set = await loadTable(path(file), { label: "kind", query });
      expect(set.preprocessing, file).toEqual(expected.preprocessing);
      expect(set.fingerprint, file).toBe(expected.fingerprint);
    }
    const named = await loadTable(":memory:", { label: "kind", query: `SELECT * FROM '${path("base.parquet")}'` });
    expect(named.fingerprint).toBe(expected.fingerprint);
    await expectDataError(() => loadTable(csv, { query: "SELECT 1" }), /a query is for a database file/);
    await expectDataError(
      () => loadTable(path("base.duckdb"), { query: "SELECT z FROM base" }),
      /Referenced column "z" not found/,
    );
  });

  it("are refused with a way out where they cannot be read", async () => {
    await expectDataError(() => loadTable("https://example.org/t.csv"), /nothing is read over the network/);
    await expectDataError(() => loadTable(folder), /a folder; a table is a file/);
    await expectDataError(() => loadTable(join(folder, "none-*.csv")), /no file has a name like this/);
    await expectDataError(
      () => load("t.sqlite", "SQLite format 3\0…"),
      /extension "sqlite", which is not installed here/,
    );
    await expectDataError(() => load("t.arrow", "ARROW1\0\0…"), /extension "nanoarrow".*write it as Parquet/);
    await expectDataError(() => load("t.parquet", "PAR1…"), /too small to be a Parquet file/);
  });

  it("names of files with characters of patterns are names", async () => {
    const { becomes } = await load("a[1]*.csv", CSV);
    expect(becomes).toEqual(NORMAL);
  });
});

describe("lines", () => {
  const model: TablePreprocessing = {
    kind: "table",
    columns: [{ kind: "numeric", name: "x", mean: 0, std: 1, missing: 0, style: PLAIN }],
    dropped: [],
    label: null,
  };
  async function scored(path: string): Promise<[line: number, x: number | string][]> {
    const source = await encodeRows(path, model);
    const parts: EncodedRows[] = [];
    try {
      for await (const part of source.rows()) parts.push(part);
    } finally {
      await source.close();
    }
    return parts.flatMap((part) =>
      part.lines
        .slice(0, part.count)
        .map((line, i): [number, number | string] => [line, part.problems.get(i) ?? part.x[i]!]),
    );
  }

  it("of rows with line breaks in quotes, quotes in quotes, and empty lines", async () => {
    const field = fc.constantFrom("plain", '"two\nlines"', '"say ""hi"""', '""', '"a,b"', '"\n\n"', 'in"side');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 40 }),
        async (rows) => {
          const expected: [number, number][] = [];
          let text = "note,x\n";
          rows.forEach(([note, blanks], i) => {
            text += "\n".repeat(blanks);
            expected.push([text.split("\n").length, i]);
            text += `${note},${i}\n`;
          });
          expect(await scored(await put(folder, "lines.csv", text))).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("of many rows, beyond one reading, plain and packed", async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => (i % 1000 === 0 ? `"line\nbreak",${i}` : `text,${i}`));
    const text = ["note,x", ...rows].join("\r\n");
    for (const [name, content] of [
      ["many.csv", text],
      ["many.csv.gz", gzipSync(text)],
    ] as const) {
      const all = await scored(await put(folder, name, content));
      expect(all).toHaveLength(30_000);
      expect(all[29_999]).toEqual([30_001 + 30, 29_999]);
    }
  });

  it("where single rows are bad", async () => {
    const path = await put(folder, "bad.csv", "note,x\na,1\nb\nc,2,3\nd,four\ne,5\n");
    expect(await scored(path)).toEqual([
      [2, 1],
      [3, "1 fields, 2 expected"],
      [4, "3 fields, 2 expected"],
      [5, 'column "x": a number was expected, found "four"'],
      [6, 5],
    ]);
  });

  it("temporary copies go when the table is closed", async () => {
    const source = await openTable(await put(folder, "latin.csv", Buffer.from(CSV, "latin1")));
    const copy = /'([^']*vera-table-[^']*)'/.exec(source.relation)![1]!;
    await source.close();
    await expectDataError(() => openTable(copy), /no such file/);
  });
});

describe("wide tables", () => {
  it("of more columns than one statement takes, prepared alike in training and scoring", async () => {
    const width = 900;
    const header = Array.from({ length: width }, (_, j) => `f${j}`);
    const rows = Array.from({ length: 40 }, (_, i) =>
      header.map((_, j) => (j === 850 ? ["x", "y"][i % 2] : (i * j) % 17)),
    );
    const path = await put(folder, "wide.csv", [header, ...rows].map((row) => row.join(",")).join("\n"));
    const set = await loadTable(path, { validation: 0, test: 0 });
    const source = await encodeRows(path, set.preprocessing as TablePreprocessing);
    const parts: EncodedRows[] = [];
    for await (const part of source.rows()) parts.push(part);
    await source.close();
    // Every 17th column is constant, but 850, which has two levels.
    expect(set.shape).toEqual([width - 53 + 2]);
    expect(parts[0]!.x).toEqual(set.splits.train.x(Array.from(rows.keys())).data);
  });
});
