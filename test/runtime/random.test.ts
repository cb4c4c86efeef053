/**
 * Random numbers against what theory says of them.
 *
 * A statistic of N draws strays from its expectation by its standard error σ, which is known. Bounds are 4.5 σ: a sound
 * generator exceeds one in 150 000 times, and the seeds here are fixed, so a test that passes keeps passing. For the
 * Kolmogorov-Smirnov distance the bound is 2.2 / √N (one in 8 000), for χ² with k degrees of freedom k + 4.5 √(2k).
 */
import { describe, expect, test } from "vitest";
import { Rng } from "../../src/runtime/index.js";

const N = 1_000_000;
const SIGMAS = 4.5;

const mean = (xs: ArrayLike<number>, f: (x: number, i: number) => number = (x) => x): number => {
  let total = 0;
  for (let i = 0; i < xs.length; i++) total += f(xs[i]!, i);
  return total / xs.length;
};
/** Checks a mean over n draws whose standard deviation is known. */
const expectMean = (actual: number, expected: number, deviation: number, n = N) =>
  expect(Math.abs(actual - expected)).toBeLessThan((SIGMAS * deviation) / Math.sqrt(n));

/** Correlation of two streams: 1/√n is its standard error. */
const correlation = (xs: ArrayLike<number>, ys: ArrayLike<number>): number => {
  const [mx, my] = [mean(xs), mean(ys)];
  const [vx, vy] = [mean(xs, (x) => (x - mx) ** 2), mean(ys, (y) => (y - my) ** 2)];
  return mean(xs, (x, i) => (x - mx) * (ys[i]! - my)) / Math.sqrt(vx * vy);
};

/** Largest distance between the empirical and the given distribution function. */
function distance(xs: ArrayLike<number>, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(xs).sort();
  return sorted.reduce((worst, x, i) => {
    const p = cdf(x);
    return Math.max(worst, p - i / sorted.length, (i + 1) / sorted.length - p);
  }, 0);
}

/** Counts against equal expectations. */
function expectEven(counts: readonly number[]): void {
  const each = counts.reduce((a, b) => a + b) / counts.length;
  const chi = counts.reduce((s, c) => s + (c - each) ** 2 / each, 0);
  const k = counts.length - 1;
  expect(chi).toBeLessThan(k + SIGMAS * Math.sqrt(2 * k));
}

/** Φ by Abramowitz & Stegun 7.1.26: absolute error below 1e-7, far below the bound. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp(-z * z);
  return x > 0 ? 1 - tail : tail;
}

describe("bits", () => {
  test("are those of xoshiro128++", () => {
    const rng = new Rng(0);
    rng.state = [1, 2, 3, 4]; // with outputs of the authors' C code
    const expected = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295];
    expect(expected.map(() => rng.int32() >>> 0)).toEqual(expected);
  });

  test("each of the 32 is one half of the time", () => {
    const rng = new Rng(5);
    const ones = new Array<number>(32).fill(0);
    for (let i = 0; i < N; i++) {
      const bits = rng.int32();
      for (let b = 0; b < 32; b++) ones[b]! += (bits >>> b) & 1;
    }
    for (const count of ones) expectMean(count / N, 0.5, 0.5);
  });
});

describe("uniform", () => {
  const x = new Rng(1).uniform([N]).data;

  test("moments", () => {
    expectMean(mean(x), 1 / 2, Math.sqrt(1 / 12));
    expectMean(
      mean(x, (u) => u * u),
      1 / 3,
      Math.sqrt(1 / 5 - 1 / 9),
    );
    expectMean(
      mean(x, (u) => u ** 3),
      1 / 4,
      Math.sqrt(1 / 7 - 1 / 16),
    );
  });

  test("distribution, and no correlation with what came before", () => {
    expect(distance(x, (u) => u)).toBeLessThan(2.2 / Math.sqrt(N));
    for (const lag of [1, 2, 3, 4, 7]) {
      expectMean(correlation(x.subarray(0, N - lag), x.subarray(lag)), 0, 1);
    }
  });

  test("in [0, 1), or between bounds", () => {
    expect(x.every((u: number) => u >= 0 && u < 1)).toBe(true);
    const rng = new Rng(1);
    rng.state = [-1, 0, 0, 1]; // all bits set: the largest there is
    expect(rng.random()).toBe(1 - 2 ** -24);
    const y = new Rng(2).uniform([100_000], -3, 5);
    expect(y.data.every((u: number) => u >= -3 && u < 5)).toBe(true);
    expectMean(mean(y.data), 1, 8 / Math.sqrt(12), 100_000);
    expect([y.shape, y.dtype]).toEqual([[100_000], "f32"]);
  });
});

describe("normal", () => {
  const x = new Rng(3).normal([N]).data;

  test("moments", () => {
    expectMean(mean(x), 0, 1);
    expectMean(
      mean(x, (v) => v * v),
      1,
      Math.sqrt(2),
    );
    expectMean(
      mean(x, (v) => v ** 3),
      0,
      Math.sqrt(15),
    );
    expectMean(
      mean(x, (v) => v ** 4),
      3,
      Math.sqrt(96),
    );
  });

  test("distribution, and no correlation with what came before", () => {
    expect(distance(x, normalCdf)).toBeLessThan(2.2 / Math.sqrt(N));
    for (const lag of [1, 2, 3]) expectMean(correlation(x.subarray(0, N - lag), x.subarray(lag)), 0, 1);
    expectMean(correlation(x.subarray(1).map(Math.abs), x.subarray(0, N - 1).map(Math.abs)), 0, 1);
  });

  // P(|x| > t) in both tails; the ziggurat's own tail begins at 3.44.
  test.each([
    [2, 0.0455003],
    [3, 0.0026998],
    [3.4426, 0.00057615],
    [4, 6.33425e-5],
    [4.5, 6.7953e-6],
  ])("beyond ±%d", (t, p) => {
    for (const side of [1, -1]) {
      const share = mean(x, (v) => Number(side * v > t));
      expectMean(share, p / 2, Math.sqrt(p / 2));
    }
  });

  test("with a mean and a deviation", () => {
    const y = new Rng(4).normal([100_000], 5, 0.1);
    expectMean(mean(y.data), 5, 0.1, 100_000);
    expectMean(
      mean(y.data, (v) => (v - 5) ** 2),
      0.01,
      0.01 * Math.SQRT2,
      100_000,
    );
  });
});

describe("discrete", () => {
  test.each([0, 1e-3, 0.3, 0.5, 0.95, 1])("bernoulli(%d)", (p) => {
    const { data, shape } = new Rng(6).bernoulli([100, 1000], p, 2.5);
    expect(shape).toEqual([100, 1000]);
    expect(data.every((v: number) => v === 0 || v === 2.5)).toBe(true);
    const share = mean(data) / 2.5;
    if (p === 0 || p === 1) expect(share).toBe(p);
    else expectMean(share, p, Math.sqrt(p * (1 - p)), 100_000);
  });

  test("below(n) is even", () => {
    const rng = new Rng(7);
    for (const n of [1, 2, 7, 100]) {
      const counts = new Array<number>(n).fill(0);
      for (let i = 0; i < 100_000; i++) counts[rng.below(n)]! += 1;
      if (n > 1) expectEven(counts);
    }
  });

  test("permutations: all 24 orders of 4 equally often", () => {
    const rng = new Rng(8);
    const counts = new Map<string, number>();
    for (let i = 0; i < 48_000; i++) {
      const order = rng.permutation(4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expectEven([...counts.values()]);
  });

  test("a permutation has every element once", () => {
    for (const n of [0, 1, 2, 1000]) {
      expect([...new Rng(9).permutation(n)].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
    }
  });
});

describe("streams", () => {
  const draw = (rng: Rng) => [
    ...rng.normal([50]).data,
    ...rng.uniform([50]).data,
    ...rng.bernoulli([50], 0.4).data,
    ...rng.permutation(20),
    rng.below(1000),
    rng.gaussian(),
  ];

  test("equal seeds give equal streams, other seeds other ones", () => {
    expect(draw(new Rng(42))).toEqual(draw(new Rng(42)));
    const first = new Set(Array.from({ length: 10_000 }, (_, seed) => new Rng(seed).int32()));
    expect(first.size).toBeGreaterThan(10_000 - 5); // 10⁸/2³³: a collision in 100 sets
    expect(draw(new Rng(-1))).not.toEqual(draw(new Rng(1)));
  });

  test("seeds side by side give unrelated streams", () => {
    const n = 100_000;
    const streams = [0, 1, 2, 3].map((seed) => new Rng(seed).uniform([n]).data);
    for (const [i, x] of streams.entries()) {
      for (const y of streams.slice(i + 1)) expectMean(correlation(x, y), 0, 1, n);
    }
    const starts = Array.from({ length: n }, (_, seed) => new Rng(seed).random());
    expectMean(mean(starts), 1 / 2, Math.sqrt(1 / 12), n);
    expect(distance(starts, (u) => u)).toBeLessThan(2.2 / Math.sqrt(n));
  });

  test("a saved state continues where it was, in another generator and through JSON", () => {
    const rng = new Rng(10);
    draw(rng);
    const saved = JSON.stringify(rng.state);
    const expected = draw(rng);
    const other = new Rng(0);
    other.state = JSON.parse(saved);
    expect(draw(other)).toEqual(expected);
    expect(other.state).toEqual(rng.state);
    rng.state = JSON.parse(saved);
    expect(draw(rng)).toEqual(expected);
  });

  test("a fork is another stream, unrelated to its parent and its siblings, and reproducible", () => {
    const n = 100_000;
    const make = () => {
      const parent = new Rng(11);
      const [a, b] = [parent.fork(), parent.fork()];
      return [parent, a, b].map((rng) => rng.normal([n]).data);
    };
    const [parent, a, b] = make() as [Float32Array, Float32Array, Float32Array];
    for (const [x, y] of [
      [parent, a],
      [parent, b],
      [a, b],
    ] as const)
      expectMean(correlation(x, y), 0, 1, n);
    expect(make()).toEqual([parent, a, b]);
  });

  test("what a fork draws does not move its parent", () => {
    const [p, q] = [new Rng(12), new Rng(12)];
    draw(p.fork());
    q.fork();
    expect(draw(p)).toEqual(draw(q));
  });
});
