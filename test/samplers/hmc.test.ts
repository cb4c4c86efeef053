import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { compile, type NdArray, Rng } from "../../src/runtime/index.js";
import { evaluate, hamiltonian, type LogDensity, leapfrog } from "../../src/samplers/index.js";
import { rosenbrock } from "./targets.js";

const { logDensity } = rosenbrock;
const flow = (x: g.Tensor, p: g.Tensor, stepSize: number, steps: number) =>
  leapfrog(logDensity, { position: x, momentum: p, ...evaluate(logDensity, x) }, stepSize, steps);

const furthest = (a: NdArray, b: NdArray) =>
  (a.data as Float32Array).reduce((worst, v, i) => Math.max(worst, Math.abs(v - b.data[i]!)), 0);

test("leapfrog runs backwards when the momentum is negated", async () => {
  const round = compile((x: g.Tensor, p: g.Tensor) => {
    const there = flow(x, p, 0.05, 10);
    const back = flow(there.position, g.neg(there.momentum), 0.05, 10);
    return { there: there.position, x: back.position, p: g.neg(back.momentum) };
  });
  const rng = new Rng(1);
  const [x, p] = [rng.normal([20, 2]), rng.normal([20, 2])];
  const back = await round(x, p);
  expect(furthest(back.there, x)).toBeGreaterThan(0.3);
  // Rounding: 20 steps of values near 1, amplified by the curvature along the way.
  expect(furthest(back.x, x)).toBeLessThan(1e-4);
  expect(furthest(back.p, p)).toBeLessThan(1e-4);
});

test("leapfrog preserves volume: its Jacobian has determinant 1", async () => {
  const jacobian = compile((x: g.Tensor, p: g.Tensor) => {
    const start = g.concat([x, p], 1);
    const map = (s: g.Tensor) => {
      const { position, momentum } = flow(g.slice(s, null, { end: 2 }), g.slice(s, null, { start: 2 }), 0.1, 5);
      return g.concat([position, momentum], 1);
    };
    const rows = [0, 1, 2, 3].map((i) => g.grad((s: g.Tensor) => g.sum(g.slice(map(s), null, i)))(start));
    return g.stack(rows, 1); // [B, 4, 4]
  });
  const rng = new Rng(2);
  const j = await jacobian(rng.normal([10, 2], 0.5, 0.5), rng.normal([10, 2]));
  let largest = 0;
  for (let b = 0; b < 10; b++) {
    const m = Array.from({ length: 4 }, (_, r) => [...j.data.subarray(b * 16 + r * 4, b * 16 + r * 4 + 4)]);
    largest = Math.max(largest, ...m.flat().map(Math.abs));
    // Rounding of products of four entries of up to some tens.
    expect(determinant(m)).toBeCloseTo(1, 3);
  }
  expect(largest).toBeGreaterThan(2); // not merely near the identity
});

test("the energy error falls with the square of the step size", async () => {
  const error = compile((x: g.Tensor, p: g.Tensor) => {
    const start = hamiltonian({ logDensity: logDensity(x), momentum: p });
    const after = (stepSize: number, steps: number) => g.sub(hamiltonian(flow(x, p, stepSize, steps)), start);
    return { coarse: after(0.04, 10), fine: after(0.02, 20), finer: after(0.01, 40) };
  });
  const rng = new Rng(3);
  const { coarse, fine, finer } = await error(rng.normal([200, 2], 0.5, 0.5), rng.normal([200, 2]));
  const size = (e: NdArray) => Math.sqrt((e.data as Float32Array).reduce((sum, v) => sum + v * v, 0) / e.size);
  expect(size(finer)).toBeGreaterThan(1e-5); // well above rounding
  // The next order of the expansion is a quarter as large, relative to the leading one, at half the step.
  expect(Math.abs(Math.log2(size(coarse) / size(fine)) - 2)).toBeLessThan(0.2);
  expect(Math.abs(Math.log2(size(fine) / size(finer)) - 2)).toBeLessThan(0.05);
});

test("a trajectory evaluates the log-density once per step", () => {
  let calls = 0;
  const counting: LogDensity = (x) => {
    calls++;
    return logDensity(x);
  };
  const x = g.input("x", { shape: [3, 2], dtype: "f32" });
  const start = { position: x, momentum: x, ...evaluate(counting, x) };
  leapfrog(counting, start, 0.1, 7);
  expect(calls).toBe(1 + 7);
});

/** By elimination with pivoting. */
function determinant(rows: number[][]): number {
  const m = rows.map((row) => [...row]);
  let det = 1;
  for (let k = 0; k < m.length; k++) {
    const best = m.slice(k).reduce((top, row, i) => (Math.abs(row[k]!) > Math.abs(m[top]![k]!) ? k + i : top), k);
    if (best !== k) {
      [m[k], m[best]] = [m[best]!, m[k]!];
      det = -det;
    }
    det *= m[k]![k]!;
    for (const row of m.slice(k + 1)) {
      const factor = row[k]! / m[k]![k]!;
      row.forEach((v, c) => {
        row[c] = v - factor * m[k]![c]!;
      });
    }
  }
  return det;
}
