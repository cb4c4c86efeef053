import { expect, test } from "vitest";
import { full, Rng, zeros } from "../../src/runtime/index.js";
import { ReplayBuffer } from "../../src/samplers/index.js";

const range = (x: ArrayLike<number>): [number, number] => [Math.min(...Array.from(x)), Math.max(...Array.from(x))];

test("starts as uniform noise", () => {
  const { positions } = new ReplayBuffer({ event: [3, 2] }, new Rng(1));
  expect(positions.shape).toEqual([10_000, 3, 2]);
  const [low, high] = range(positions.data);
  expect(low).toBeGreaterThanOrEqual(-1);
  expect(low).toBeLessThan(-0.99);
  expect(high).toBeLessThan(1);
  expect(high).toBeGreaterThan(0.99);
  const unit = new ReplayBuffer({ event: [1], capacity: 1000, low: 0 }, new Rng(1));
  expect(range(unit.positions.data)[0]).toBeGreaterThanOrEqual(0);
});

test("samples rows without repeats, restarts 5 % of them, and takes their successors back", () => {
  const rng = new Rng(1);
  const buffer = new ReplayBuffer({ event: [2], capacity: 500 }, rng);
  buffer.positions = full([500, 2], 7);
  let restarted = 0;
  const hits = new Float64Array(500);
  const [batch, rounds] = [100, 200];
  for (let i = 0; i < rounds; i++) {
    const { positions, indices } = buffer.sample(batch, rng);
    expect(new Set(indices).size).toBe(batch);
    for (const row of indices) hits[row]!++;
    for (let b = 0; b < batch; b++) {
      const row = positions.data.subarray(2 * b, 2 * b + 2);
      if (row[0] === 7) expect(row[1]).toBe(7);
      else {
        restarted++;
        expect(range(row)[0]).toBeGreaterThanOrEqual(-1);
        expect(range(row)[1]).toBeLessThan(1);
      }
    }
  }
  const n = batch * rounds;
  expect(Math.abs(restarted / n - 0.05)).toBeLessThan(4.5 * Math.sqrt((0.05 * 0.95) / n));
  // Rows are hit 40 times on average, with a standard deviation of √(200 · 0.2 · 0.8) = 5.7.
  expect(range(hits)[0]).toBeGreaterThan(40 - 4.5 * 5.7);
  expect(range(hits)[1]).toBeLessThan(40 + 4.5 * 5.7);

  const { indices } = buffer.sample(3, rng);
  const before = buffer.positions;
  const moved = rng.normal([3, 2], 20, 1);
  buffer.update(indices, moved);
  const after = buffer.positions;
  const rowOf = (all: { data: ArrayLike<number> }, row: number) => [all.data[2 * row], all.data[2 * row + 1]];
  for (let row = 0; row < 500; row++) {
    const i = indices.indexOf(row);
    expect(rowOf(after, row)).toEqual(i < 0 ? rowOf(before, row) : rowOf(moved, i));
  }
});

test("a restored buffer continues alike", () => {
  const rng = new Rng(4);
  const a = new ReplayBuffer({ event: [2], capacity: 50 }, rng);
  const { indices } = a.sample(10, rng);
  a.update(indices, rng.normal([10, 2]));
  const saved = { positions: a.positions, rng: rng.state };
  const later = a.sample(20, rng);
  a.update(later.indices, zeros([20, 2])); // the saved copy does not see this
  const other = new Rng(0);
  const b = new ReplayBuffer({ event: [2], capacity: 50 }, other);
  b.positions = saved.positions;
  other.state = saved.rng;
  expect(b.sample(20, other)).toEqual(later);
});

test("what is refused", () => {
  const rng = new Rng(1);
  const buffer = new ReplayBuffer({ event: [2], capacity: 5 }, rng);
  expect(() => buffer.sample(6, rng)).toThrow(/6 chains from a buffer of 5/);
  expect(() => buffer.update(Int32Array.of(1, 2), zeros([2, 3]))).toThrow(/\[2, 3\] for rows \[2, 2\]/);
  expect(() => {
    buffer.positions = zeros([4, 2]);
  }).toThrow(/\[4, 2\] for a buffer of \[5, 2\]/);
  expect(() => new ReplayBuffer({ event: [2], capacity: 0 }, rng)).toThrow(RangeError);
  expect(() => new ReplayBuffer({ event: [2], restartProbability: 2 }, rng)).toThrow(RangeError);
});
