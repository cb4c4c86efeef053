/** Tables as data sets: what is made of columns, and new rows prepared for a model. */
import { beforeAll, describe, expect, it } from "vitest";
import { decodeRow, featureNames, type TablePreprocessing } from "../../src/data/table.js";
import { encodeTable, loadTable } from "../../src/tables/index.js";
import { expectDataError, put, temporaryFolder } from "../data/files.js";

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});

/** 60 people: age (some missing), city (some missing), a constant, an identifier, and the class. */
const people = (unlabelled = 0): string =>
  [
    "id,age,city,planet,class",
    ...Array.from({ length: 60 }, (_, i) => {
      const city = ["Bern", '"Rome, Italy"', "Oslo", ""][i % 4];
      return `p${i}x,${i % 10 === 0 ? "NA" : 20 + (i % 17)},${city},Earth,${i < unlabelled ? "" : i % 3 === 0 ? "yes" : "no"}`;
    }),
  ].join("\n");

describe("tables as data sets", () => {
  it("infers columns, reports what it did, and keeps classes in proportion", async () => {
    const set = await loadTable(await put(folder, "people.csv", people()), { label: "class", ignore: ["id"] });
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
    const set = await loadTable(path, { label: -1, ignore: ["id"], validation: 0, test: 0 });
    const stored = JSON.parse(JSON.stringify(set.preprocessing)) as TablePreprocessing;
    const scored = await encodeTable(path, stored);
    const all = Array.from({ length: 60 }, (_, i) => i);
    expect(scored.x).toEqual(set.splits.train.x(all));
    expect(scored.y).toEqual(set.splits.train.y);
    expect(scored.missing).toEqual({ age: 6, city: 15 });
  });
  it("scores files with other columns, in another order, and reports what it does not know", async () => {
    const set = await loadTable(await put(folder, "people.csv", people()), { label: "class", ignore: ["id"] });
    const table = set.preprocessing as TablePreprocessing;
    const path = await put(folder, "new.csv", "city,extra,age\nOslo,1,30\nParis,2,?\n");
    const { x, y, missing, unknown } = await encodeTable(path, table);
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
    await expectDataError(() => encodeTable(lacking, table), /no column "city", which the model needs/);
    const wrong = await put(folder, "wrong.csv", "age,city\n30,Oslo\nold,Oslo\n");
    await expectDataError(() => encodeTable(wrong, table), /line 3: column "age": a number was expected, found "old"/);
  });
  it("trains on rows without a class, but does not test on them", async () => {
    const set = await loadTable(await put(folder, "few.csv", people(40)), { label: "class", ignore: ["id"] });
    expect(set.split).toMatchObject({ train: 54, validation: 2, test: 4 });
    expect([...set.splits.train.y!].filter((y) => y === -1).length).toBe(40);
    expect(set.splits.test.y!.every((y) => y >= 0)).toBe(true);
    expect(set.notes.at(-1)).toMatch(/40 of 60 rows have no class/);
  });
  it("works without labels, with categories that are numbers, and without a header", async () => {
    const text = Array.from({ length: 30 }, (_, i) => `${i},${i % 2},7`).join("\n");
    const set = await loadTable(await put(folder, "bare.csv", text), { categorical: ["column1"] });
    expect(set.classes).toBeNull();
    expect(set.splits.train.y).toBeNull();
    expect(featureNames(set.preprocessing as TablePreprocessing)).toEqual(["column0", "column1=0", "column1=1"]);
    const byIndex = await loadTable(`${folder}/bare.csv`, { label: 1 });
    expect(byIndex.classes).toEqual(["0", "1"]);
  });
  it("sorts classes that are numbers by size", async () => {
    const text = `x,y\n${Array.from({ length: 60 }, (_, i) => `${i},${(i % 12) + 1}`).join("\n")}`;
    const set = await loadTable(await put(folder, "order.csv", text), { label: "y" });
    expect(set.classes).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 1)));
  });
  it("is the same data set at every load, and another with another seed", async () => {
    const path = await put(folder, "same.csv", people());
    const load = (splitSeed: number) => loadTable(path, { label: "class", splitSeed });
    expect((await load(1)).fingerprint).toBe((await load(1)).fingerprint);
    expect((await load(1)).fingerprint).not.toBe((await load(2)).fingerprint);
  });
  it("keeps precision where values are large", async () => {
    const text = `t,u\n${Array.from({ length: 40 }, (_, i) => `${1.6e9 + i},${i * i}`).join("\n")}`;
    const set = await loadTable(await put(folder, "large.csv", text), { validation: 0, test: 0 });
    const t = set.splits.train.x([0, 1, 39]).data;
    // 40 consecutive integers have deviation √((40² - 1)/12).
    const std = Math.sqrt((1600 - 1) / 12);
    expect(t[0]).toBeCloseTo(-19.5 / std, 5);
    expect(t[2]! - t[0]!).toBeCloseTo(1 / std, 5);
  });
  it("says what is wrong", async () => {
    const path = await put(folder, "people.csv", people());
    await expectDataError(() => loadTable(path, { label: "klass" }), /no column "klass"; there are "id", "age"/);
    await expectDataError(() => loadTable(path, { label: "planet" }), /"planet" has one class only/);
    const many = await put(folder, "many.csv", `a,b\n${Array.from({ length: 1100 }, (_, i) => `1,${i}`).join("\n")}`);
    await expectDataError(() => loadTable(many, { label: "b" }), /1,100 different values/);
    await expectDataError(() => loadTable(many, { ignore: ["b"] }), /no column left to learn from/);
  });
  it("leaves out identifiers", async () => {
    const ids = Array.from({ length: 400 }, (_, i) => `user-${i},${i % 7}`);
    const set = await loadTable(await put(folder, "ids.csv", `who,x\n${ids.join("\n")}`));
    expect(set.notes).toEqual([expect.stringMatching(/"who" left out: text of more than 256 different values/)]);
  });
});
