import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { DataError } from "../../src/data/error.js";
import { csvRows, sniffCsv } from "../../src/data/formats/csv.js";
import { openStream } from "../../src/data/formats/gzip.js";
import { readNumericText } from "../../src/data/formats/numeric-text.js";
import { encodeCsv } from "../../src/data/sets/csv-encode.js";
import { loadCsv } from "../../src/data/sets/csv-table.js";
import { decodeRow, featureNames, parseNumber, rowEncoder, type TablePreprocessing } from "../../src/data/table.js";
import { expectDataError, put, temporaryFolder } from "./files.js";

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});

async function rowsOf(path: string): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const row of csvRows(path, await sniffCsv(path))) rows.push(row);
  return rows;
}

/** 60 people: age (some missing), city (some missing), a constant, an identifier, and the class. */
const people = (unlabelled = 0): string =>
  [
    "id,age,city,planet,class",
    ...Array.from({ length: 60 }, (_, i) => {
      const city = ["Bern", '"Rome, Italy"', "Oslo", ""][i % 4];
      return `p${i}x,${i % 10 === 0 ? "NA" : 20 + (i % 17)},${city},Earth,${i < unlabelled ? "" : i % 3 === 0 ? "yes" : "no"}`;
    }),
  ].join("\n");

describe("CSV files", () => {
  it.each([
    ["commas", "a,b\n1,2\n3,4\n", ","],
    ["semicolons with decimal commas quoted", 'a;b\n"1,5";2\n"3,5";4\n', ";"],
    ["tabs, Windows line ends, a byte order mark", "\ufeffa\tb\r\n1\t2\r\n3\t4\r\n", "\t"],
  ])("finds the delimiter: %s", async (name, text, delimiter) => {
    const path = await put(folder, `${name}.csv`, text);
    const format = await sniffCsv(path);
    expect(format).toEqual({ delimiter, hasHeader: true, header: ["a", "b"] });
    expect((await rowsOf(path)).length).toBe(2);
  });
  it("sees that there is no header", async () => {
    const path = await put(folder, "bare.csv", "5.1,3.5,setosa\n4.9,3,setosa\n");
    expect(await sniffCsv(path)).toMatchObject({ hasHeader: false, header: ["column0", "column1", "column2"] });
    expect((await rowsOf(path)).length).toBe(2);
  });

  it("a first line that has the names that are known is a header, whatever it looks like", async () => {
    const path = await put(folder, "years.csv", "region,2021,2022,2022,kind\nnorth,1,2,3,a\n");
    expect(await sniffCsv(path)).toMatchObject({ hasHeader: false });
    const header = ["region", "2021", "2022", "2022 (2)", "kind"];
    expect(await sniffCsv(path, [" kind "])).toMatchObject({ hasHeader: true, header });
    expect(await sniffCsv(path, header)).toMatchObject({ hasHeader: true, header });
    expect(await sniffCsv(path, ["kind", "absent"])).toMatchObject({ hasHeader: false });
  });
  it("reads quoted fields with delimiters, quotes and line breaks, plain or gzip", async () => {
    const text = 'name,note\n"a, b","said ""hi"""\nc,"two\nlines"\n';
    const expected = [
      ["a, b", 'said "hi"'],
      ["c", "two\nlines"],
    ];
    expect(await rowsOf(await put(folder, "quoted.csv", text))).toEqual(expected);
    expect(await rowsOf(await put(folder, "quoted.csv.gz", gzipSync(text)))).toEqual(expected);
  });
  it("refuses damaged files, with the line", async () => {
    const ragged = await put(folder, "ragged.csv", "a,b\n1,2\n3\n");
    await expectDataError(() => rowsOf(ragged), /line 3 has 1 fields, the first one 2/);
    const open = await put(folder, "open.csv", 'a,b\n1,"never closed\n2,3\n');
    await expectDataError(() => rowsOf(open), /never closed.*truncated/);
    await expectDataError(() => sniffCsv(`${folder}/absent.csv`), /cannot be read/);
    await expectDataError(async () => sniffCsv(await put(folder, "empty.csv", "\n")), /empty/);
    await expectDataError(
      async () => sniffCsv(await put(folder, "binary.csv", Buffer.from([1, 0, 2]))),
      /not a text file/,
    );
    const packed = gzipSync("a,b\n".repeat(50_000));
    const cut = await put(folder, "cut.csv.gz", packed.subarray(0, packed.length - 20));
    await expectDataError(() => rowsOf(cut), /truncated/);
  });
});

describe("CSV data sets", () => {
  it("infers columns, reports what it did, and keeps classes in proportion", async () => {
    const set = await loadCsv(await put(folder, "people.csv", people()), { label: "class", ignore: ["id"] });
    const table = set.preprocessing as TablePreprocessing;
    expect(set).toMatchObject({ name: "people", kind: "table", shape: [5], classes: ["no", "yes"] });
    expect(featureNames(table)).toEqual(["age", "city=Bern", "city=Oslo", "city=Rome, Italy", "city=(missing)"]);
    expect(set.split).toMatchObject({ train: 42, validation: 6, test: 12 });
    expect([...set.splits.test.y!].filter((c) => c === 1).length).toBe(4);
    expect(set.notes).toEqual([
      expect.stringMatching(/"age": 6 of 60 values missing, filled with the training mean/),
      expect.stringMatching(/"city": 15 of 60 values missing, a level of their own/),
      'column "id" left out: as asked',
      'column "planet" left out: the same value in every row',
    ]);
    // Standardised by the training split: its observed ages have mean 0 and deviation 1.
    const { train } = set.splits;
    const x = train.x(Array.from({ length: train.size }, (_, i) => i)).data;
    const ages = Array.from({ length: train.size }, (_, i) => x[5 * i]!).filter((v) => v !== 0);
    expect(Math.abs(ages.reduce((a, b) => a + b, 0) / ages.length)).toBeLessThan(1e-6);
    expect(Math.abs(ages.reduce((a, b) => a + b * b, 0) / ages.length - 1)).toBeLessThan(1e-5);
    for (let i = 0; i < train.size; i++) expect([...x.slice(5 * i + 1, 5 * i + 5)].sort()).toEqual([0, 0, 0, 1]);
  });
  it("encodes the same file to the same numbers, from preprocessing that went through JSON", async () => {
    const path = await put(folder, "again.csv", people());
    const set = await loadCsv(path, { label: -1, ignore: ["id"], validation: 0, test: 0 });
    const stored = JSON.parse(JSON.stringify(set.preprocessing)) as TablePreprocessing;
    const scored = await encodeCsv(path, stored);
    const all = Array.from({ length: 60 }, (_, i) => i);
    expect(scored.x).toEqual(set.splits.train.x(all));
    expect(scored.y).toEqual(set.splits.train.y);
    expect(scored.missing).toEqual({ age: 6, city: 15 });
  });
  it("scores files with other columns, in another order, and reports what it does not know", async () => {
    const set = await loadCsv(await put(folder, "people.csv", people()), { label: "class", ignore: ["id"] });
    const table = set.preprocessing as TablePreprocessing;
    const path = await put(folder, "new.csv", "city,extra,age\nOslo,1,30\nParis,2,?\n");
    const { x, y, missing, unknown } = await encodeCsv(path, table);
    const [, mean, std] = [0, (table.columns[0] as { mean: number }).mean, (table.columns[0] as { std: number }).std];
    expect([...x.data].map((v) => Math.round(v * 1e4))).toEqual([
      Math.round(((30 - mean) / std) * 1e4),
      0,
      10_000,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
    expect([...y]).toEqual([-1, -1]);
    expect([missing, unknown]).toEqual([{ age: 1 }, { city: 1 }]);
    expect(decodeRow(table, x.data.slice(0, 5))).toEqual({ age: expect.closeTo(30, 4), city: "Oslo" });
    const lacking = await put(folder, "lacking.csv", "age\n30\n");
    await expectDataError(() => encodeCsv(lacking, table), /no column "city"; the model was trained with it/);
    const wrong = await put(folder, "wrong.csv", "age,city\n30,Oslo\nold,Oslo\n");
    await expectDataError(() => encodeCsv(wrong, table), /row 2, column "age": a number was expected, found "old"/);
  });
  it("trains on rows without a class, but does not test on them", async () => {
    const set = await loadCsv(await put(folder, "few.csv", people(40)), { label: "class", ignore: ["id"] });
    expect(set.split).toMatchObject({ train: 54, validation: 2, test: 4 });
    expect([...set.splits.train.y!].filter((y) => y === -1).length).toBe(40);
    expect(set.splits.test.y!.every((y) => y >= 0)).toBe(true);
    expect(set.notes.at(-1)).toMatch(/40 of 60 rows have no class/);
  });
  it("works without labels, with categories that are numbers, and without a header", async () => {
    const text = Array.from({ length: 30 }, (_, i) => `${i},${i % 2},7`).join("\n");
    const set = await loadCsv(await put(folder, "bare.csv", text), { categorical: ["column1"] });
    expect(set.classes).toBeNull();
    expect(set.splits.train.y).toBeNull();
    expect(featureNames(set.preprocessing as TablePreprocessing)).toEqual(["column0", "column1=0", "column1=1"]);
    const byIndex = await loadCsv(`${folder}/bare.csv`, { label: 1 });
    expect(byIndex.classes).toEqual(["0", "1"]);
  });
  it("sorts classes that are numbers by size", async () => {
    const text = `x,y\n${Array.from({ length: 60 }, (_, i) => `${i},${(i % 12) + 1}`).join("\n")}`;
    const set = await loadCsv(await put(folder, "order.csv", text), { label: "y" });
    expect(set.classes).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 1)));
  });
  it("is the same data set at every load, and another with another seed", async () => {
    const path = await put(folder, "same.csv", people());
    const load = (splitSeed: number) => loadCsv(path, { label: "class", splitSeed });
    expect((await load(1)).fingerprint).toBe((await load(1)).fingerprint);
    expect((await load(1)).fingerprint).not.toBe((await load(2)).fingerprint);
  });
  it("keeps precision where values are large", async () => {
    const text = `t,u\n${Array.from({ length: 40 }, (_, i) => `${1.6e9 + i},${i * i}`).join("\n")}`;
    const set = await loadCsv(await put(folder, "large.csv", text), { validation: 0, test: 0 });
    const t = set.splits.train.x([0, 1, 39]).data;
    // 40 consecutive integers have deviation √((40² - 1)/12).
    const std = Math.sqrt((1600 - 1) / 12);
    expect(t[0]).toBeCloseTo(-19.5 / std, 5);
    expect(t[2]! - t[0]!).toBeCloseTo(1 / std, 5);
  });
  it("says what is wrong", async () => {
    const path = await put(folder, "people.csv", people());
    await expectDataError(() => loadCsv(path, { label: "klass" }), /no column "klass"; there are "id", "age"/);
    await expectDataError(() => loadCsv(path, { label: "planet" }), /"planet" has one class only/);
    const many = await put(folder, "many.csv", `a,b\n${Array.from({ length: 1100 }, (_, i) => `1,${i}`).join("\n")}`);
    await expectDataError(() => loadCsv(many, { label: "b" }), /1,100 different values/);
    await expectDataError(() => loadCsv(many, { ignore: ["b"] }), /no column left to learn from/);
  });
  it("leaves out identifiers", async () => {
    const ids = Array.from({ length: 400 }, (_, i) => `user-${i},${i % 7}`);
    const set = await loadCsv(await put(folder, "ids.csv", `who,x\n${ids.join("\n")}`));
    expect(set.notes).toEqual([expect.stringMatching(/"who" left out: text of more than 256 different values/)]);
  });
});

describe("rows", () => {
  const table: TablePreprocessing = {
    kind: "table",
    columns: [
      { kind: "numeric", name: "a", mean: 2, std: 4, missing: 0 },
      { kind: "categorical", name: "b", levels: ["x", "y"], missing: 0 },
    ],
    dropped: [],
    label: { name: "c", classes: ["no", "yes"] },
  };
  it("come back as they went in", () => {
    const encode = rowEncoder(table, ["c", "b", "a"]);
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom("x", "y"), (a, b) => {
        const row = encode(["yes", b, a]);
        expect(row.y).toBe(1);
        const back = decodeRow(table, row.x);
        expect(back.b).toBe(b);
        expect(Math.abs((back.a as number) - a)).toBeLessThanOrEqual(1e-6 * Math.abs(a - 2) + 1e-6);
      }),
    );
    expect(() => encode(["maybe", "x", 1])).toThrow(DataError);
  });
  it("know a number when they see one", () => {
    for (const text of ["1", " -2.5e-3 ", "+.5", "7."]) expect(parseNumber(text)).toBe(Number(text));
    for (const text of ["1,5", "0x10", "1e999", "Infinity", "", "1 2", "."]) expect(parseNumber(text)).toBeNull();
  });
});

describe("tables of numbers", () => {
  const read = async (text: string, options: Parameters<typeof readNumericText>[2]) => {
    const path = await put(folder, "numbers.txt", text);
    return readNumericText(await openStream(path), path, options);
  };
  const bare = { separator: "comma", header: false } as const;

  it("parses numbers as JavaScript does, to 15 digits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.float({ noNaN: true, noDefaultInfinity: true }),
            fc.integer(),
          ),
          { minLength: 1, maxLength: 30 },
        ),
        async (numbers) => {
          // 64-bit values show in `smallest`; of one row, each is the smallest.
          const table = await read(numbers.map(String).join(","), bare);
          numbers.forEach((n, j) => {
            expect(Math.abs(table.smallest[j]! - n)).toBeLessThanOrEqual(Math.abs(n) * 1e-14 + Number.MIN_VALUE);
          });
        },
      ),
      { numRuns: 100 },
    );
  });
  it("reads exponents, many spaces, trailing commas and a last line without an end", async () => {
    const human = await read("  2.8858451e-001 -2.0294171e-002\n  1.0e+0   7\n", { separator: "space", header: false });
    expect([...human.take([0, 1])]).toEqual([0.28858451, -0.020294171, 1, 7].map(Math.fround));
    const hepmass = await read("# label,f0,f1\r\n1.0,2,3,\r\n0.0,5,6,", { separator: "comma", header: true });
    expect([hepmass.header, hepmass.rows, hepmass.columns]).toEqual(["# label,f0,f1", 2, 3]);
    expect([...hepmass.column(0)]).toEqual([1, 0]);
    expect([...hepmass.take([2])]).toEqual([3, 6]);
  });
  it("counts how often the smallest value occurs", async () => {
    const table = await read("1,5\n1,4\n2,4\n0,4\n", bare);
    expect([...table.smallest]).toEqual([0, 4]);
    expect([...table.smallestCount]).toEqual([1, 3]);
  });
  it("crosses the borders of its blocks and of the stream's chunks", async () => {
    const n = 70_000;
    const table = await read(Array.from({ length: n }, (_, i) => `${i},${-i}`).join("\n"), bare);
    const values = table.take([1, 0]);
    for (const i of [0, 65_535, 65_536, n - 1])
      expect([...values.subarray(2 * i, 2 * i + 2)]).toEqual([i === 0 ? 0 : -i, i]);
  });
  it("refuses damaged rows, with the line", async () => {
    await expectDataError(() => read("1,2\n3\n", bare), /line 2: 1 numbers, 2 expected/);
    await expectDataError(() => read("1,2\n3,abc\n", bare), /line 2: a number was expected, found "abc"/);
    await expectDataError(() => read("1,2\n3,,4\n", bare), /line 2: a number was expected, found ""/);
    await expectDataError(() => read("1,1e\n", bare), /found "1e"/);
    await expectDataError(() => read("", bare), /no rows/);
  });
});
