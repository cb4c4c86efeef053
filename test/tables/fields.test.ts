/** What fields say: in JavaScript, for rows given by programs, and in the database, for files. They must agree. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isMissing, levelOf, type NumberStyle, PLAIN, parseNumber } from "../../src/data/fields.js";
import { Database, text } from "../../src/tables/duckdb.js";
import { codeOf, levelOf as levelSql, numberOrReason, TYPES } from "../../src/tables/expressions.js";
import { findStyles } from "../../src/tables/number-styles.js";

let database: Database;
beforeAll(async () => {
  database = await Database.open();
  for (const type of TYPES) await database.run(type);
});
afterAll(() => database.close());

async function inDatabase(fields: readonly string[], expression: string): Promise<unknown[]> {
  const values = fields.map((field, i) => `(${i}, ${text(field)})`).join(", ");
  const rows = await database.rows(`SELECT ${expression} AS v FROM (VALUES ${values}) AS t(i, c0) ORDER BY i`);
  return rows.map(({ v }) => v);
}

/** A number, NaN for a missing one, Infinity for what is none: as the database is asked to say it. */
function inJavaScript(field: string, style: NumberStyle): number {
  if (isMissing(field, "numeric")) return Number.NaN;
  return parseNumber(field, style) ?? Number.POSITIVE_INFINITY;
}

const FIELDS = [
  ...["1", "-2.5e-3", " +.5 ", "7.", "1e5", "1E+05", "\t3\t", "\u00a04\u00a0", "0012", "-0"],
  ...["", " ", "NA", "n/a", "NaN", "null", "?", "None", "-", "#N/A", "#DIV/0!", "<NA>", "\\N", "."],
  ...["abc", "1,5", "0x10", "1 2", "1e", "--1", "1.2.3", "inf", "-Infinity", "1e400", "12abc", "true", "'1'"],
];

const styles: Readonly<Record<string, NumberStyle>> = {
  plain: PLAIN,
  german: { decimal: ",", group: ".", unit: "" },
  french: { decimal: ",", group: " ", unit: "€" },
  dollars: { decimal: ".", group: ",", unit: "$" },
  swiss: { decimal: ".", group: "'", unit: "" },
  percent: { decimal: ".", group: "", unit: "%" },
};

describe("fields of text", () => {
  it.each(Object.keys(styles))("are the same numbers here and in the database: %s", async (name) => {
    const style = styles[name]!;
    const written = [
      "1.234,56",
      "-12,5",
      "1 234,5 €",
      "1\u202f234",
      "$1,234.50",
      "-$3",
      "1'234.5",
      "12 %",
      "12.5%",
      "5 €",
    ];
    const numbers = await inDatabase([...FIELDS, ...written], numberOrReason(0, "text", style, []));
    // A magnitude beyond doubles is infinite there, and none here: both say that it is no number.
    expect(numbers.map((v) => (v === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : v))).toEqual(
      [...FIELDS, ...written].map((field) => inJavaScript(field, style)),
    );
  });

  it("any number that is written comes back, to the last bit", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 }),
        async (list) => {
          const read = await inDatabase(list.map(String), numberOrReason(0, "text", PLAIN, []));
          expect(read.map((v) => (v === 0 ? 0 : v))).toEqual(list.map((v) => (v === 0 ? 0 : v)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are the same levels here and in the database", async () => {
    const fields = [
      "1",
      "1.0",
      "01",
      "1.50",
      "100.0",
      "-2.00",
      "a b ",
      " x",
      "0.10",
      "1.0.0",
      "é",
      "None",
      "1e5",
      "12.",
      ".50",
    ];
    expect(await inDatabase(fields, levelSql(0, "text", []))).toEqual(fields.map(levelOf));
    expect(await inDatabase(["NA", "", "?", "none"], levelSql(0, "text", []))).toEqual([null, null, null, "none"]);
  });

  it("have a place among levels: missing is after the last, unknown before the first", async () => {
    const levels = ["1", "it's", "x"];
    const fields = ["x", " x ", "1.0", "it's", "y", "NA", ""];
    expect(await inDatabase(fields, codeOf(0, "text", levels, []))).toEqual([2, 2, 0, 1, -1, 3, 3]);
    expect(await inDatabase(["x", "y"], codeOf(0, "text", levels, ["X"]))).toEqual([3, -1]);
  });
});

describe("how numbers are written", () => {
  const styleOf = (fields: readonly string[], others: readonly (readonly string[])[] = [], delimiter = ";") =>
    findStyles([fields, ...others], { delimiter })[0];

  it.each([
    ["points", ["1.5", "2", "NA"], PLAIN],
    ["commas", ["1,5", "-0,25", "3"], { decimal: ",", group: "", unit: "" }],
    ["points between thousands", ["1.234,5", "12,25", "1.234.567,0"], { decimal: ",", group: ".", unit: "" }],
    ["commas between thousands", ["1,234.5", "12.25"], { decimal: ".", group: ",", unit: "" }],
    ["apostrophes", ["1'234.5", "12.25"], { decimal: ".", group: "'", unit: "" }],
    ["blanks that do not break", ["1\u202f234,5", "12,25"], { decimal: ",", group: " ", unit: "" }],
    ["a unit before", ["$1,200", "$35.50"], { decimal: ".", group: ",", unit: "$" }],
    ["a unit after", ["12 %", "3.5 %"], { decimal: ".", group: "", unit: "%" }],
    ["words", ["a", "b,c"], PLAIN],
  ])("%s", (_, fields, style) => {
    expect(styleOf(fields)).toEqual(style);
  });

  it("that is in doubt is told by other columns, then by the delimiter, or by the user", () => {
    const doubtful = ["1,234", "5,678"];
    expect(styleOf(doubtful)).toMatchObject({ decimal: "," });
    expect(styleOf(doubtful, [], ",")).toMatchObject({ decimal: ".", group: "," });
    expect(styleOf(doubtful, [["1.5", "2.25"]])).toMatchObject({ decimal: ".", group: "," });
    expect(styleOf(["1.234", "5.678"], [["1,5", "2,25"]])).toMatchObject({ decimal: ",", group: "." });
    expect(findStyles([doubtful], { delimiter: ",", decimal: "," })[0]).toMatchObject({ decimal: "," });
  });

  it("stays as a model has it, where the fields allow", () => {
    const expected = [{ decimal: ",", group: "", unit: "" }] as const;
    expect(findStyles([["1,234"]], { delimiter: ",", expected })[0]).toEqual(expected[0]);
    expect(findStyles([["1.5"]], { delimiter: ",", expected: [PLAIN] })[0]).toEqual(PLAIN);
    expect(findStyles([["1,5"]], { delimiter: ";", expected: [PLAIN] })[0]).toMatchObject({ decimal: "," });
  });

  it("codes with underscores are no numbers", async () => {
    const [style] = findStyles([["1_0", "2_1"]]);
    expect(await inDatabase(["1_0"], numberOrReason(0, "text", style!, []))).toEqual([Number.POSITIVE_INFINITY]);
  });
});
