import { expect, it } from "vitest";
import { bySeries, distinct, keys } from "../../src/figures/legend.js";

it("tells series of one name apart", () => {
  expect(distinct(["a", "b", "a", "a"])).toEqual(["a", "b", "a (2)", "a (3)"]);
});

it("puts as many keys in a row as fit", () => {
  expect(keys(["a", "b", "c"], 400, "stroke").columns).toBe(3);
  expect(keys(["a", "b", "a name that takes most of the width"], 270, "stroke").columns).toBe(2);
  expect(keys(["a name that takes most of the width", "another that takes most of it"], 300, "stroke").columns).toBe(1);
});

it("dashes what has no colour of its own, and needs no legend for one series", () => {
  expect(bySeries(["a"], 400, "stroke").color.legend).toBeNull();
  const many = bySeries(
    Array.from({ length: 9 }, (_, i) => `s${i}`),
    400,
    "stroke",
  );
  expect(many.color.scale.range[7]).toBe(many.color.scale.range[0]);
  expect(many.strokeDash?.scale.range.slice(6, 8)).toEqual([
    [1, 0],
    [6, 3],
  ]);
});
