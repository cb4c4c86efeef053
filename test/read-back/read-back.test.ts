/** What messages say of a value that a schema does not allow. */
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { PREPROCESSING } from "../../src/data/preprocessing-schema.js";
import { checked, checkedJson, finite, positive, several, whole } from "../../src/files/read-back.js";

const SCHEMA = v.object({
  count: whole(1),
  scale: positive(),
  value: v.nullable(finite()),
  names: several(v.string()),
  kind: v.picklist(["a", "b"]),
  pair: v.strictTuple([whole(), whole()]),
});
const GOOD = { count: 1, scale: 0.5, value: null, names: ["x"], kind: "a", pair: [0, 1] };
const read = (value: unknown) => checked(SCHEMA, value, (problem) => new Error(problem));

describe("a value that is not allowed", () => {
  test.each([
    [{ count: 1.5 }, "count: a whole number expected, found 1.5"],
    [{ count: 0 }, "count: at least 1 expected, found 0"],
    [{ count: "1" }, 'count: a number expected, found "1"'],
    [{ scale: 0 }, "scale: a number above 0 expected, found 0"],
    [{ scale: Number.POSITIVE_INFINITY }, "scale: a number expected, found Infinity"],
    [{ value: [] }, "value: a number expected, found []"],
    [{ names: [] }, "names: a list of at least 1 expected, found []"],
    [{ names: ["x", 2] }, "names.1: a text expected, found 2"],
    [{ names: undefined }, "names: a list expected, found nothing"],
    [{ kind: "c" }, 'kind: "a" or "b" expected, found "c"'],
    [{ pair: [0, 1, 2] }, "pair.2 is not known to this version"],
  ])("%j", (change, message) => {
    expect(() => read({ ...GOOD, ...change })).toThrow(new Error(message));
  });

  test("is cut off where it is long, missing keys are named, and all else is given back", () => {
    expect(() => read({ ...GOOD, kind: "c".repeat(1000) })).toThrow(/found "c{59}…$/);
    const { scale: _, ...rest } = GOOD;
    expect(() => read(rest)).toThrow(new Error("scale is missing"));
    expect(() => read("text")).toThrow(new Error('an object expected, found "text"'));
    expect(() => checkedJson(SCHEMA, "{", (p) => new Error(p))).toThrow(/^no JSON/);
    expect(read(GOOD)).toEqual(GOOD);
  });
});

describe("a description of preprocessing", () => {
  const column = { kind: "numeric", name: "a", mean: 0, std: 1, missing: 0 };
  const table = (columns: unknown) => ({ kind: "table", columns, dropped: [], label: null });
  const read = (value: unknown) => checked(PREPROCESSING, value, (problem) => new Error(problem));

  test.each([
    [table([{ ...column, std: 0 }]), "columns.0.std: a number above 0 expected, found 0"],
    [table([{ ...column, unit: "m" }]), "columns.0.unit is not known to this version"],
    [table([{ ...column, kind: "date" }]), 'columns.0.kind: "numeric" or "categorical" expected, found "date"'],
    [table([]), "columns: a list of at least 1 expected, found []"],
    [{ kind: "image", scaling: "huge", max: 255, source: null }, /^scaling: "symmetric" or "unit" or "logit" expected/],
  ])("%j is refused", (value, message) => {
    expect(() => read(value)).toThrow(typeof message === "string" ? new Error(message) : message);
  });

  test("of each kind is taken", () => {
    for (const value of [
      { kind: "none" },
      table([column, { kind: "categorical", name: "b", levels: ["x"], missing: 1 }]),
      { kind: "image", scaling: "unit", max: 16, source: [1, 8, 8] },
    ])
      expect(read(value)).toEqual(value);
  });
});
