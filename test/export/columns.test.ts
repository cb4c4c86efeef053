/** Published columns become the features that `score` makes of them, bit by bit, and features become columns. */
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { type Field, isMissing, levelOf } from "../../src/data/fields.js";
import { decodeRow, featureNames, rowEncoder, type TableColumn } from "../../src/data/index.js";
import { MISSING, type TablePreprocessing } from "../../src/data/table.js";
import { giveColumns, takeColumns } from "../../src/export/columns.js";
import { dynamicBatch } from "../../src/export/dynamic-batch.js";
import { ExportError, type PublishedTable, tableInputs } from "../../src/export/index.js";
import { publishedValues } from "../../src/export/metadata.js";
import type { Tensor as GraphTensor } from "../../src/graph/index.js";
import { trace } from "../../src/runtime/compile.js";
import { zeros } from "../../src/runtime/index.js";
import { lower } from "../../src/runtime/lower/index.js";
import { encodeModel } from "../../src/runtime/onnx.js";

type Row = Readonly<Record<string, Field>>;

const tableOf = (columns: readonly TableColumn[]): TablePreprocessing => ({
  kind: "table",
  columns,
  dropped: [],
  label: null,
});

/** A model that gives what it takes. */
const identity = (width: number) =>
  dynamicBatch((batch) => {
    const fn = (features: GraphTensor) => features;
    const { graph } = trace("f", fn as (...args: never[]) => GraphTensor, [["features", zeros([batch, width])]], "y");
    return lower(graph, { standardOnly: true });
  }, "features");

const published = (table: TablePreprocessing) => publishedValues(table) as PublishedTable;

/** Rows as they are written: what a caller without this package hands over. */
const asWritten = (table: TablePreprocessing, rows: readonly Row[]) =>
  Object.fromEntries(
    published(table).tensors.map(({ name, dtype, columns }) => {
      const fields = rows.flatMap((row) => columns.map((column) => row[column]));
      const dims = [rows.length, columns.length];
      return dtype === "string"
        ? [name, new Tensor("string", fields.map(String), dims)]
        : [
            name,
            new Tensor(
              "float64",
              fields.map((v) => (isMissing(v, "numeric") ? Number.NaN : Number(v))),
              dims,
            ),
          ];
    }),
  );

const scored = (table: TablePreprocessing, rows: readonly Row[]) => {
  const encode = rowEncoder(
    table,
    table.columns.map((c) => c.name),
  );
  return rows.flatMap((row) => Array.from(encode(table.columns.map((c) => row[c.name])).x));
};

async function featuresOf(
  table: TablePreprocessing,
  feeds: Readonly<Record<string, Tensor>>,
  { InferenceSession: Session }: Pick<typeof web, "InferenceSession"> = { InferenceSession },
) {
  const model = encodeModel(takeColumns(identity(featureNames(table).length), table));
  const session = await Session.create(model, { logSeverityLevel: 3 });
  const { y } = await session.run(feeds);
  await session.release();
  return Array.from(y!.data as Float32Array);
}

const numeric = (name: string, mean: number, std: number): TableColumn => ({
  kind: "numeric",
  name,
  mean,
  std,
  missing: 0,
});
const categorical = (name: string, levels: readonly string[]): TableColumn => ({
  kind: "categorical",
  name,
  levels,
  missing: 0,
});

const mixed = tableOf([
  categorical("plan", ["no", "yes"]),
  numeric("time", 1.7e9, 86_400),
  categorical("rooms", ["0.5", "1", "2", "007", MISSING]),
  numeric("length", 2e-9, 1e-9),
]);

describe("what programs write", () => {
  const rows: readonly Row[] = [
    { plan: "yes", time: 1_700_000_001, rooms: "1", length: 3.5e-9 },
    { plan: " no", time: 1_700_000_002, rooms: "1.0", length: "" },
    { plan: "no ", time: "NA", rooms: "0.500000", length: 1e300 },
    { plan: "", time: 0, rooms: "n/A", length: 0 },
    { plan: "No", time: -1e10, rooms: "7", length: 1 },
    { plan: "yes", time: 1_700_000_000, rooms: " 007 ", length: "?" },
    { plan: "yes", time: 1_700_000_000.25, rooms: MISSING, length: 2e-9 },
  ];
  const expected = scored(mixed, rows);

  test("the rows differ as they should", () => {
    const time = featureNames(mixed).indexOf("time");
    const width = featureNames(mixed).length;
    expect(expected[time]).not.toBe(expected[width + time]);
    expect(expected.slice(3 * width, 3 * width + 2)).toEqual([0, 0]); // no text, where training had no missing one
  });

  test("onnxruntime-node", async () => {
    expect(await featuresOf(mixed, asWritten(mixed, rows))).toEqual(expected);
  });

  test("onnxruntime-web", async () => {
    web.env.wasm.numThreads = 1;
    expect(await featuresOf(mixed, asWritten(mixed, rows), web)).toEqual(expected);
  });
});

/** Without the character 0, at which ONNX Runtime for JavaScript ends a text. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 4 }).map((s) => s.replaceAll("\0", "")),
  fc.constantFrom(`"`, `a,b`, `it's`, "ü", "🙂", "(other)", "1", "0.1", "-3", "007", "1e3", "0", "false", "a\nb"),
);
const level = text.map(levelOf).filter((t) => !isMissing(t, "categorical"));
const names = fc.uniqueArray(text, { minLength: 1, maxLength: 6 });
const column = (name: string): fc.Arbitrary<TableColumn> =>
  fc.oneof(
    fc
      .record({ mean: fc.double({ min: -1e10, max: 1e10, noNaN: true }), scale: fc.integer({ min: -9, max: 6 }) })
      .map(({ mean, scale }) => numeric(name, mean, 1.7 * 10 ** scale)),
    fc
      .record({ levels: fc.uniqueArray(level, { minLength: 1, maxLength: 8 }), missing: fc.boolean() })
      .map(({ levels, missing }) => categorical(name, missing ? [...new Set([...levels, MISSING])] : levels)),
  );
const tables = names.chain((list) => fc.tuple(...list.map(column))).map(tableOf);

const missing = fc.constantFrom("", "na", "NA", "Na", "N/A", "nan", "NaN", "null", "NULL", "?", " NA ");
const written = (c: TableColumn): fc.Arbitrary<string> =>
  c.kind === "numeric"
    ? fc.double({ min: -40, max: 40, noNaN: true }).map((z) => String(c.mean + z * c.std))
    : fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...c.levels) },
        { weight: 1, arbitrary: fc.constantFrom(...c.levels).map((l) => ` ${l}`) },
        { weight: 1, arbitrary: text.filter((t) => levelOf(t) === t) },
      );
const rowsOf = (table: TablePreprocessing, field: (c: TableColumn) => fc.Arbitrary<Field>) =>
  fc.array(
    fc
      .tuple(
        ...table.columns.map((c) => fc.oneof({ weight: 4, arbitrary: field(c) }, { weight: 1, arbitrary: missing })),
      )
      .map((fields): Row => Object.fromEntries(fields.map((f, i) => [table.columns[i]!.name, f]))),
    { minLength: 1, maxLength: 5 },
  );

test("any table, any rows: the features are those of score", async () => {
  const cases = tables.chain((table) => rowsOf(table, written).map((rows) => ({ table, rows })));
  await fc.assert(
    fc.asyncProperty(cases, async ({ table, rows }) => {
      expect(await featuresOf(table, asWritten(table, rows))).toEqual(scored(table, rows));
    }),
  );
});

describe("tableInputs", () => {
  /** Text that no list of spellings has. */
  const wild = (c: TableColumn): fc.Arbitrary<Field> =>
    c.kind === "numeric"
      ? fc.oneof(
          written(c).map((t) => ` ${t} `),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.constantFrom(null, undefined, Number.NaN),
        )
      : fc.oneof(
          fc.constantFrom(...c.levels).map((l) => `   ${/^\d+$/.test(l) && !/^0./.test(l) ? `${l}.000000000` : l}\t`),
          fc.constantFrom(1, 0.1, -3, null),
        );

  test("reads whatever score reads", async () => {
    const cases = tables.chain((table) => rowsOf(table, wild).map((rows) => ({ table, rows })));
    await fc.assert(
      fc.asyncProperty(cases, async ({ table, rows }) => {
        const feeds = tableInputs(published(table), rows);
        expect(await featuresOf(table, feeds)).toEqual(scored(table, rows));
      }),
    );
  });

  test("numbers in the table's style, markers of the user, and truth as the levels spell it", () => {
    const style = { decimal: ",", group: ".", unit: "€" } as const;
    const price: TableColumn = { kind: "numeric", name: "price", mean: 0, std: 1, missing: 0, style };
    const table = { ...tableOf([price, categorical("open", ["TRUE", "FALSE", MISSING])]), markers: ["k.A."] };
    const rows: readonly Row[] = [
      { price: "1.234,5 €", open: true },
      { price: "k.A.", open: "k.a." },
      { price: 2, open: "n/a" },
    ];
    const { numbers, categories } = tableInputs(published(table), rows);
    expect(Array.from(numbers!.data as Float64Array)).toEqual([1234.5, Number.NaN, 2]);
    expect(categories!.data).toEqual(["TRUE", "", ""]);
  });

  test.each<readonly [string, Row, string]>([
    [
      "text for a number",
      { plan: "no", time: "now", rooms: 1, length: 0 },
      'row 1, column "time": a number was expected',
    ],
    ["infinity", { plan: "no", time: Number.POSITIVE_INFINITY, rooms: 1, length: 0 }, 'found "Infinity"'],
    ["no such column", { plan: "no", time: 0, rooms: 1 }, 'row 1: no column "length"'],
  ])("%s is refused", (_, row, why) => {
    expect(() => tableInputs(published(mixed), [row])).toThrow(why);
  });
});

test("the tensors: x for numbers alone, one of numbers and one of categories else", () => {
  const [plan, time, , length] = mixed.columns;
  const tensors = (columns: readonly TableColumn[]) => published(tableOf(columns)).tensors;
  expect(tensors([time!, length!])).toEqual([{ name: "x", dtype: "float64", columns: ["time", "length"] }]);
  expect(tensors([plan!])).toEqual([{ name: "categories", dtype: "string", columns: ["plan"] }]);
  expect(tensors(mixed.columns)).toEqual([
    { name: "numbers", dtype: "float64", columns: ["time", "length"] },
    { name: "categories", dtype: "string", columns: ["plan", "rooms"] },
  ]);
});

test("features become columns: numbers in 64 bits, the level with the largest feature", async () => {
  const cases = tables.chain((table) => {
    const width = featureNames(table).length;
    const row = fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: width, maxLength: width });
    return fc.array(row, { minLength: 1, maxLength: 4 }).map((rows) => ({ table, rows }));
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ table, rows }) => {
      const width = featureNames(table).length;
      const session = await InferenceSession.create(encodeModel(giveColumns(identity(width), table)), {
        logSeverityLevel: 3,
      });
      const given = await session.run({
        features: new Tensor("float32", Float32Array.from(rows.flat()), [rows.length, width]),
      });
      await session.release();
      const expected = rows.map((row) => decodeRow(table, row));
      for (const { name, columns } of published(table).tensors) {
        expect(given[name]!.dims).toEqual([rows.length, columns.length]);
        expect(Array.from(given[name]!.data as ArrayLike<unknown>)).toEqual(
          expected.flatMap((row) => columns.map((c) => row[c])),
        );
      }
    }),
  );
});

test("markers of the user are missing values to the model itself", async () => {
  const table = { ...tableOf([categorical("city", ["Bern", MISSING])]), markers: ["keine Angabe"] };
  const rows = ["keine Angabe", "KEINE ANGABE", " Keine angabe", "#N/A", "Bern"].map((city): Row => ({ city }));
  expect(await featuresOf(table, asWritten(table, rows))).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 1, 0]);
});

test("a level that is there twice is refused by name", () => {
  const table = tableOf([categorical("city", ["Bern", MISSING, MISSING])]);
  expect(() => takeColumns(identity(3), table)).toThrow(ExportError);
  expect(() => takeColumns(identity(3), table)).toThrow('column "city" has the level "(missing)" twice');
});
