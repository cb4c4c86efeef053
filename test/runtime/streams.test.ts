/** Named streams: the hash against published vectors, and that names and seeds tell streams apart. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hash128 } from "../../src/runtime/hash.js";
import { Rng, streams } from "../../src/runtime/index.js";

const hex = (text: string): string =>
  hash128(new TextEncoder().encode(text))
    .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
    .join("");

describe("the hash", () => {
  test("is MurmurHash3's of 128 bits for 32-bit machines, seed 0", () => {
    // As Python's mmh3 5.3 has them: no block, a tail of one byte, of eleven and of twelve after two blocks, a whole block.
    expect(hex("")).toBe("00000000000000000000000000000000");
    expect(hex("a")).toBe("a794933c5556b01b5556b01b5556b01b");
    expect(hex("The quick brown fox jumps over the lazy dog")).toBe("2f1583c3ecee2c675d7bf66ce5e91d2c");
    expect(hex("I will not buy this record, it is scratched.")).toBe("a0a9683b25ac5e40d9af2895890dddf5");
    expect(hex("0 batches: order")).toBe("7d82c1b245a06fb20865511fd7b249e8");
  });

  test("changes in half of its bits where one bit of the input does", () => {
    let changed = 0;
    const [inputs, bits] = [50, 8 * 12];
    for (let i = 0; i < inputs; i++) {
      const bytes = Uint8Array.from({ length: 12 }, (_, j) => 37 * i + 11 * j);
      const before = hash128(bytes);
      for (let bit = 0; bit < bits; bit++) {
        const other = bytes.slice();
        other[bit >> 3]! ^= 1 << (bit & 7);
        hash128(other).forEach((word, w) => {
          for (let x = (word ^ before[w]!) >>> 0; x > 0; x = (x & (x - 1)) >>> 0) changed++;
        });
      }
    }
    // 614,400 bits, each with probability ½: a standard error of 0.0006 if they were independent; ten of these.
    expect(Math.abs(changed / (inputs * bits * 128) - 0.5)).toBeLessThan(0.006);
  });
});

describe("streams", () => {
  const seeds = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

  test("equal seed and name give equal streams, from the beginning each time", () => {
    const rng = streams(7).for("noise");
    rng.normal([100]);
    expect(streams(7).for("noise").state).not.toEqual(rng.state);
    expect(streams(7).for("noise").state).toEqual(streams(7).for("noise").state);
  });

  test("another seed or another name gives another stream, beyond 32 bits and below 0 as well", () => {
    const key = (seed: number, name: string) => streams(seed).for(name).state.join();
    fc.assert(
      fc.property(seeds, seeds, fc.string(), fc.string(), (a, b, x, y) => {
        expect(key(a, x) === key(b, y)).toBe(a === b && x === y);
      }),
    );
    expect(key(2 ** 32 + 1, "noise")).not.toBe(key(1, "noise"));
    expect(key(1, "2 noise")).not.toBe(key(12, " noise"));
  });

  test("neighbouring seeds and names are unrelated", () => {
    const n = 20_000;
    const all = [1, 2, 3].flatMap((seed) =>
      ["a", "b", ""].map((name) => streams(seed).for(name).normal([n]).data as Float32Array),
    );
    all.forEach((x, i) => {
      for (const y of all.slice(i + 1)) {
        const covariance = x.reduce((sum, v, j) => sum + v * y[j]!, 0) / n;
        expect(Math.abs(covariance)).toBeLessThan(4.5 / Math.sqrt(n)); // 36 pairs: 4.5 standard errors
      }
    });
  });

  test("a seed is an integer", () => {
    for (const seed of [1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => streams(seed)).toThrow(RangeError);
  });
});

test("choosing rows: as many as asked for, each once, ascending, all equally often", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(60), fc.nat(80), (seed, n, count) => {
      const rows = [...new Rng(seed).choose(n, count)];
      expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
      expect(rows.length).toBe(Math.min(n, count));
      expect(rows.every((row) => row >= 0 && row < n)).toBe(true);
    }),
  );
  const hits = new Float64Array(10);
  const rng = new Rng(1);
  for (let i = 0; i < 3000; i++) for (const row of rng.choose(10, 3)) hits[row]!++;
  // 900 each, with a standard deviation of √(3000 · 0.3 · 0.7) = 25.
  for (const count of hits) expect(Math.abs(count - 900)).toBeLessThan(4.5 * 25);
});
