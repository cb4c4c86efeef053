/** Rows of fields, prepared for a model and back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/data/error.js";
import { parseNumber } from "../../src/data/fields.js";
import { decodeRow, rowEncoder, type TablePreprocessing } from "../../src/data/table.js";

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
