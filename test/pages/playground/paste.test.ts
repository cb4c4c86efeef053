/** Two columns that are pasted: read however they are written, scaled as said. */
import { expect, test } from "vitest";
import { pasted } from "../../../pages/playground/data/paste.js";
import { MOST_POINTS } from "../../../pages/playground/settings/points.js";

const rows = Array.from({ length: 40 }, (_, i) => [100 + Math.cos(i), 0.001 * Math.sin(i)] as const);
const column = (points: readonly number[], c: number) => points.filter((_, i) => i % 2 === c);
const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const std = (v: readonly number[]) => Math.sqrt(mean(v.map((x) => (x - mean(v)) ** 2)));

test("columns get mean 0 and standard deviation 1.5, and it is said how", () => {
  const { points, said } = pasted(`x,y\n${rows.map((r) => r.join()).join("\n")}`);
  for (const c of [0, 1]) {
    expect(mean(column(points, c))).toBeCloseTo(0, 2);
    expect(std(column(points, c))).toBeCloseTo(1.5, 2);
  }
  expect(said).toMatch(/^40 points; x = 1\.5 · \(column 1 − (100|99\.9\d)\) \/ 0\.7/);
});

test.each([
  ["tabs", "\t", "."],
  ["spaces", "  ", "."],
  ["semicolons and decimal commas", ";", ","],
])("separated by %s", (_, separator, point) => {
  const text = rows.map((r) => r.map((v) => v.toFixed(6).replace(".", point)).join(separator)).join("\r\n");
  expect(pasted(text).points.length).toBe(80);
});

test("more rows than an address holds are thinned, and rows far out left out", () => {
  const many = Array.from({ length: 3 * MOST_POINTS }, (_, i) => `${Math.cos(i)},${Math.sin(i)}`);
  expect(pasted(many.join("\n")).points.length).toBe(2 * MOST_POINTS);
  const far = pasted([...many.slice(0, 100), "100,0"].join("\n"));
  expect(far.points.length).toBe(200);
  expect(far.said).toContain("1 rows beyond ±5 were left out");
});

test("says what is wrong", () => {
  expect(() => pasted("a,b\n1,2")).toThrow("Found 1 rows of two numbers");
  expect(() => pasted(Array.from({ length: 12 }, (_, i) => `${i},7`).join("\n"))).toThrow("same everywhere");
});
