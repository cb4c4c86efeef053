/**
 * Coordinates for chains that start from a simple density p₀: u = (x - mean) / std for a Gaussian, in which p₀ is standard normal; for
 * the uniform density over a box, x = low + (high - low) / (1 + e^-u), in which p₀ is logistic and the box is all of space, so that
 * no chain leaves it.
 */
import {
  add,
  constant,
  mul,
  neg,
  reshape,
  sigmoid,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
} from "../../graph/index.js";
import { NdArray, type Rng } from "../../runtime/index.js";

/** p₀: a Gaussian with these moments in each dimension, or uniform over [low, high]^D. Then Z is the integral over that box. */
export type Base =
  | { readonly kind: "gaussian"; readonly mean: ArrayLike<number>; readonly std: ArrayLike<number> }
  | { readonly kind: "box"; readonly low: number; readonly high: number };

/** A change of variables, with p₀ in the new ones. */
export interface Coordinates {
  /** u `[B, D]` → x `[B, …event]`, and log |dx/du| `[B]` or a constant. */
  readonly to: (u: Tensor) => { readonly x: Tensor; readonly logVolume: Tensor | number };
  /** log p₀ as a density of u, `[B]`. */
  readonly logPrior: (u: Tensor) => Tensor;
  /** Draws from p₀, `[count, D]`. */
  readonly sample: (count: number, rng: Rng) => NdArray;
  /** x `[N, …event]` → u `[N, D]`. @throws RangeError for x outside of a box. */
  readonly from: (x: NdArray) => NdArray;
}

export function coordinates(base: Base, event: readonly number[]): Coordinates {
  const dim = event.reduce((n, d) => n * d, 1);
  const inShape = (x: Tensor) => reshape(x, [x.shape[0]!, ...event]);
  const mapped = (x: NdArray, f: (v: number, d: number) => number) =>
    new NdArray(
      Float32Array.from(x.data, (v, i) => f(v, i % dim)),
      [x.size / dim, dim],
    );
  if (base.kind === "gaussian") {
    const of = (values: ArrayLike<number>, d: number) => values[values.length === 1 ? 0 : d]!;
    const all = (values: ArrayLike<number>) => Float32Array.from({ length: dim }, (_, d) => of(values, d));
    const [mean, std] = [all(base.mean), all(base.std)];
    const logVolume = std.reduce((total, s) => total + Math.log(s), 0);
    return {
      to: (u) => ({ x: inShape(add(mul(u, constant(std)), constant(mean))), logVolume }),
      logPrior: (u) => sub(mul(sum(square(u), 1), -0.5), (dim / 2) * Math.log(2 * Math.PI)),
      sample: (count, rng) => rng.normal([count, dim]),
      from: (x) => mapped(x, (v, d) => (v - mean[d]!) / std[d]!),
    };
  }
  const { low, high } = base;
  const width = high - low;
  if (!(width > 0)) throw new RangeError(`a box from ${low} to ${high}`);
  /** log of the logistic density: log s(u) + log s(-u). */
  const logLogistic = (u: Tensor) => neg(sum(add(softplus(u), softplus(neg(u))), 1));
  return {
    to: (u) => ({
      x: inShape(add(mul(sigmoid(u), width), low)),
      logVolume: add(logLogistic(u), dim * Math.log(width)),
    }),
    logPrior: logLogistic,
    sample: (count, rng) => mapped(rng.uniform([count, dim], 2 ** -24, 1), logit),
    from: (x) => {
      if (x.data.some((v) => v <= low || v >= high)) throw new RangeError(`samples outside of ${low} … ${high}`);
      return mapped(x, (v) => logit((v - low) / width));
    },
  };
}

const logit = (p: number): number => Math.log(p / (1 - p));
