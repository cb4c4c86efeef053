/** Densities whose moments are known exactly, with exact draws, and the comparison of chains with them. */
import * as g from "../../src/graph/index.js";
import { NdArray, Rng } from "../../src/runtime/index.js";

/** A function of a position and its exact expectation. */
type Statistic = readonly [expectation: number, of: (x: ArrayLike<number>) => number];

export interface Target {
  readonly dim: number;
  /** `[B, dim]` → `[B]`. */
  readonly logDensity: (x: g.Tensor) => g.Tensor;
  /** One exact draw. */
  readonly draw: (rng: Rng) => number[];
  readonly statistics: readonly Statistic[];
}

const column = (x: g.Tensor, i: number) => g.slice(x, null, i);

/** Standard deviations 0.5 and 2, correlation 0.8, mean (1, -2). */
export const correlated: Target = (() => {
  const [m1, m2, s1, s2, rho] = [1, -2, 0.5, 2, 0.8];
  const det = s1 ** 2 * s2 ** 2 * (1 - rho ** 2);
  return {
    dim: 2,
    logDensity: (x) => {
      const [a, b] = [g.sub(column(x, 0), m1), g.sub(column(x, 1), m2)];
      const squares = g.add(g.mul(g.square(a), s2 ** 2), g.mul(g.square(b), s1 ** 2));
      return g.mul(g.sub(squares, g.mul(g.mul(a, b), 2 * rho * s1 * s2)), -0.5 / det);
    },
    draw: (rng) => {
      const [u, v] = [rng.gaussian(), rng.gaussian()];
      return [m1 + s1 * u, m2 + s2 * (rho * u + Math.sqrt(1 - rho ** 2) * v)];
    },
    statistics: [
      [m1, (x) => x[0]!],
      [m2, (x) => x[1]!],
      [s1 ** 2, (x) => (x[0]! - m1) ** 2],
      [s2 ** 2, (x) => (x[1]! - m2) ** 2],
      [rho * s1 * s2, (x) => (x[0]! - m1) * (x[1]! - m2)],
    ],
  };
})();

/** 0.4 N(-1, 0.7²) + 0.6 N(1.5, 0.8²). */
export const mixture: Target = (() => {
  const parts = [
    { w: 0.4, m: -1, s: 0.7 },
    { w: 0.6, m: 1.5, s: 0.8 },
  ];
  const expect = (moment: (m: number, s: number) => number) =>
    parts.reduce((sum, { w, m, s }) => sum + w * moment(m, s), 0);
  return {
    dim: 1,
    logDensity: (x) => {
      const each = parts.map(({ w, m, s }) =>
        g.add(g.mul(g.square(g.sub(x, m)), -0.5 / s ** 2), Math.log(w) - Math.log(s)),
      );
      return g.logsumexp(g.concat(each, 1), 1);
    },
    draw: (rng) => {
      const { m, s } = parts[rng.random() < 0.4 ? 0 : 1]!;
      return [m + s * rng.gaussian()];
    },
    statistics: [
      [expect((m) => m), (x) => x[0]!],
      [expect((m, s) => m ** 2 + s ** 2), (x) => x[0]! ** 2],
      [expect((m, s) => m ** 3 + 3 * m * s ** 2), (x) => x[0]! ** 3],
    ],
  };
})();

/** Hybrid Rosenbrock (Pagani et al. 2022) with μ = 1: x₁ ~ N(1, 1/2), x₂ | x₁ ~ N(x₁², 1/10): curved, and not Gaussian. */
export const rosenbrock: Target = {
  dim: 2,
  logDensity: (x) => {
    const [a, b] = [column(x, 0), column(x, 1)];
    return g.neg(g.add(g.square(g.sub(a, 1)), g.mul(g.square(g.sub(b, g.square(a))), 5)));
  },
  draw: (rng) => {
    const a = 1 + Math.sqrt(1 / 2) * rng.gaussian();
    return [a, a ** 2 + Math.sqrt(1 / 10) * rng.gaussian()];
  },
  // With x₁ = 1 + s: E s² = 1/2, E s⁴ = 3/4, so E x₁² = 3/2 and Var x₁² = 4 · 1/2 + Var s² = 2 + 1/2.
  statistics: [
    [1, (x) => x[0]!],
    [1 / 2, (x) => (x[0]! - 1) ** 2],
    [3 / 2, (x) => x[1]!],
    [5 / 2 + 1 / 10, (x) => (x[1]! - 3 / 2) ** 2],
    [1, (x) => (x[0]! - 1) * (x[1]! - 3 / 2)], // Cov(s, 2s + s²) = 2 · 1/2
  ],
};

/** Exact draws `[count, dim]`. */
export const drawExact = ({ dim, draw }: Target, count: number, rng: Rng): NdArray =>
  new NdArray(Float32Array.from(Array.from({ length: count }, () => draw(rng)).flat()), [count, dim]);

const rows = ({ dim }: Target, positions: NdArray): ArrayLike<number>[] =>
  Array.from({ length: positions.size / dim }, (_, i) => positions.data.subarray(i * dim, (i + 1) * dim));

const average = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;

/**
 * The largest distance of a statistic from its expectation, in standard errors. `positions` `[B, dim]` are of independent chains,
 * so a sampler's autocorrelation does not matter. The statistics' standard deviations are those of exact draws: the
 * chains' own would let a wild chain hide itself.
 */
export function worstZ(target: Target, positions: NdArray): number {
  const exact = rows(target, drawExact(target, 20_000, new Rng(0)));
  const chains = rows(target, positions);
  const scores = target.statistics.map(([expectation, of]) => {
    const std = Math.sqrt(average(exact.map((x) => (of(x) - expectation) ** 2)));
    return (Math.abs(average(chains.map(of)) - expectation) * Math.sqrt(chains.length)) / std;
  });
  return scores.every(Number.isFinite) ? Math.max(...scores) : Number.POSITIVE_INFINITY;
}
