/**
 * The entropies of the toy densities, in nats: what a perfect model's test negative log-likelihood would be. Each density is known
 * up to a one-dimensional integral, taken by the midpoint rule, and its logarithm averaged over draws of the sampler that training uses.
 *
 *   npx tsx bench/toy-entropy.ts [draws]
 */
import { sampleToy, TOY_NAMES, type ToyName } from "../src/data/sets/toy.js";
import { logSumExp } from "../src/metrics/index.js";
import { Rng } from "../src/runtime/index.js";

/** log p(x, y). */
type LogDensity = (x: number, y: number) => number;
const TAU = 2 * Math.PI;
const NODES = 1000;

const logNormal = (residual: number, std: number) => -0.5 * (residual / std) ** 2 - Math.log(std) - 0.5 * Math.log(TAU);

/** A mixture of isotropic Gaussians, all equally likely. */
function mixture(centres: readonly (readonly [number, number])[], std: number): LogDensity {
  const terms = new Float64Array(centres.length);
  return (x, y) => {
    centres.forEach(([a, b], i) => {
      terms[i] = logNormal(x - a, std) + logNormal(y - b, std);
    });
    return logSumExp(terms) - Math.log(terms.length);
  };
}

/** A curve's points for t from `from` to `to`. */
const curve = (at: (t: number) => readonly [number, number], from: number, to: number) =>
  Array.from({ length: NODES }, (_, i) => at(from + ((to - from) * (i + 0.5)) / NODES));
const circle = (r: number) => curve((t) => [r * Math.cos(t), r * Math.sin(t)], 0, TAU);

/** log of the density of scale · U(0, 1) + std · N(0, 1) at v. */
const boxed = (v: number, scale: number, std: number) =>
  Math.log(Math.max((normalCdf(v / std) - normalCdf((v - scale) / std)) / scale, 1e-300));

/** Φ(z), by erfc's continued rational fit (Numerical Recipes 6.2.2: relative error below 1.2e-7 everywhere). */
function normalCdf(z: number): number {
  const a = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + a / 2);
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const erfc = t * Math.exp(-a * a + series.reduceRight((sum, c) => c + t * sum, 0));
  return z < 0 ? erfc / 2 : 1 - erfc / 2;
}

/** Both arms: (−t cos t, t sin t) / 3 + a box + noise, t of density ∝ t, and its mirror image. */
function spirals(): LogDensity {
  const end = 1.5 * TAU;
  const at = curve((t) => [(-t * Math.cos(t)) / 3, (t * Math.sin(t)) / 3], 0, end);
  const logWeight = at.map((_, i) => Math.log((2 * (i + 0.5)) / NODES ** 2));
  return (x, y) =>
    logSumExp(
      [1, -1].flatMap((arm) =>
        at.map(([a, b], i) => logWeight[i]! + boxed(arm * x - a, 1 / 6, 0.1) + boxed(arm * y - b, 1 / 6, 0.1)),
      ),
    ) - Math.LN2;
}

/**
 * Twisting turns a blade's point at (radius r, angle φ) by φ ↦ θ = φ − ¼ e^{r cos φ} − 2πk/5: for each k and each whole turn find the φ
 * that end at θ, and divide the blade's density by the derivative of θ.
 */
function pinwheel(): LogDensity {
  const twist = (r: number, phi: number) => phi - 0.25 * Math.exp(r * Math.cos(phi));
  const slope = (r: number, phi: number) => 1 + 0.25 * Math.exp(r * Math.cos(phi)) * r * Math.sin(phi);
  return (x, y) => {
    const r = Math.hypot(x, y) / 2;
    const theta = Math.atan2(y, x);
    let density = 0;
    const steps = 400;
    for (let i = 0; i < steps; i++) {
      let [low, high] = [-Math.PI + (TAU * i) / steps, -Math.PI + (TAU * (i + 1)) / steps];
      const fifths = (phi: number) => ((twist(r, phi) - theta) * 5) / TAU;
      const [from, to] = [fifths(low), fifths(high)].sort((a, b) => a - b) as [number, number];
      if (to - from > 1 || Math.ceil(from) > to) continue; // no whole fifth of a turn in between, or far from any blade
      const target = Math.ceil(from);
      const rising = fifths(high) > fifths(low);
      for (let n = 0; n < 40; n++) {
        const middle = (low + high) / 2;
        if (fifths(middle) < target === rising) low = middle;
        else high = middle;
      }
      const [along, across] = [r * Math.cos(low), r * Math.sin(low)];
      density += Math.exp(logNormal(along - 1, 0.3) + logNormal(across, 0.1)) / Math.abs(slope(r, low));
    }
    return Math.log(density / 5 / 4); // a fifth each, and doubled in both directions
  };
}

export const LOG_DENSITIES: Readonly<Record<ToyName, LogDensity>> = {
  moons: mixture(
    [
      ...curve((t) => [2 * Math.cos(t) - 1, 2 * Math.sin(t) - 0.2], 0, Math.PI),
      ...curve((t) => [1 - 2 * Math.cos(t), 0.8 - 2 * Math.sin(t)], 0, Math.PI),
    ],
    0.2,
  ),
  circles: mixture([...circle(3), ...circle(1.5)], 0.24),
  "8gaussians": mixture(
    Array.from({ length: 8 }, (_, i) => [
      (4 * Math.cos((TAU * i) / 8)) / Math.SQRT2,
      (4 * Math.sin((TAU * i) / 8)) / Math.SQRT2,
    ]),
    0.5 / Math.SQRT2,
  ),
  pinwheel: pinwheel(),
  "2spirals": spirals(),
  checkerboard: () => -Math.log(32),
  rings: mixture([0.75, 1.5, 2.25, 3].flatMap(circle), 0.08),
  swissroll: mixture(
    curve((t) => [(t * Math.cos(t)) / 5, (t * Math.sin(t)) / 5], 1.5 * Math.PI, 4.5 * Math.PI),
    0.2,
  ),
};

/** -mean log p over draws `[x, y, x, y, …]` of a density, in nats, and its standard error. */
export function toyEntropy(name: ToyName, points: Readonly<ArrayLike<number>>): { entropy: number; error: number } {
  const draws = points.length / 2;
  const logp = Float64Array.from({ length: draws }, (_, i) => LOG_DENSITIES[name](points[2 * i]!, points[2 * i + 1]!));
  const mean = logp.reduce((a, b) => a + b) / draws;
  const variance = logp.reduce((a, v) => a + (v - mean) ** 2, 0) / (draws - 1);
  return { entropy: -mean, error: Math.sqrt(variance / draws) };
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const draws = Number(process.argv[2] ?? 20_000);
  console.log(`entropy in nats, from ${draws} draws`);
  for (const name of TOY_NAMES) {
    const { entropy, error } = toyEntropy(name, sampleToy(name, draws, new Rng(7)).data);
    console.log(`${name.padEnd(14)}${entropy.toFixed(4)} ± ${error.toFixed(4)}`);
  }
}
