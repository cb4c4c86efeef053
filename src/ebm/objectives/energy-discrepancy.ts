/**
 * Energy discrepancy (Schröder et al., NeurIPS 2023, arXiv 2307.06431, eq. 8; tables with categories: arXiv 2412.01019): a density learns to be
 * higher at the data than at what a random walk makes of them and back. Every row x is moved to y, and y by the same kernel to M
 * negatives x_j; the loss is mean log(w/M + 1/M Σ_j exp(f(x_j) - f(x))). Neither chains nor a generator nor second derivatives.
 */
import * as g from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { full, type NdArray, type Rng, zeros } from "../../runtime/index.js";
import { child } from "../child.js";

export interface DiscrepancyOptions {
  /** Shape of one example. */
  readonly event: g.Shape;
  /** Scale t of the Gaussian steps of numbers, in their own units: towards 0 score matching, towards ∞ maximum likelihood. */
  readonly scale: number;
  /** Negatives M of each row. */
  readonly negatives: number;
  /** Weight w that steadies the loss. Default 1. */
  readonly stability?: number;
  /** Runs of features that are one category each, as one-hot vectors: first feature and number of levels. Default none. */
  readonly categories?: readonly (readonly [start: number, levels: number])[];
  /** Probability that a step replaces a category by one drawn at random. Default 0.2. */
  readonly replaced?: number;
}

export interface Discrepancy {
  noise(batch: number, rng: Rng): Dict<NdArray>;
  loss(logDensity: (x: g.Tensor) => g.Tensor, x: g.Tensor, noise: Dict<g.Tensor>): g.Tensor;
}

export function energyDiscrepancy({
  event,
  scale,
  negatives,
  stability = 1,
  categories = [],
  replaced = 0.2,
}: DiscrepancyOptions): Discrepancy {
  const width = g.sizeOf(event);
  /** Steps of rows `[…rows, width]`. */
  const walk = (rows: readonly number[], rng: Rng): Dict<NdArray> => {
    const shape = [...rows, width];
    const step = rng.normal(shape, 0, scale);
    if (categories.length === 0) return { step };
    const [kept, drawn] = [full(shape, 1), zeros(shape)];
    for (let row = 0; row < step.data.length / width; row++) {
      for (const [start, levels] of categories) {
        const at = row * width + start;
        step.data.fill(0, at, at + levels);
        if (rng.random() >= replaced) continue;
        kept.data.fill(0, at, at + levels);
        drawn.data[at + rng.below(levels)] = 1;
      }
    }
    return { step, kept, drawn };
  };
  const moved = (x: g.Tensor, { step, kept, drawn }: Dict<g.Tensor>): g.Tensor => {
    const stayed = kept === undefined ? x : g.add(g.mul(x, kept as g.Tensor), drawn as g.Tensor);
    return g.add(stayed, step as g.Tensor);
  };
  return {
    noise: (batch, rng) => ({ away: walk([batch], rng), back: walk([negatives, batch], rng) }),
    loss(logDensity, x, noise) {
      const [batch] = x.shape as [number];
      const away = moved(g.reshape(x, [batch, width]), child(noise, "away"));
      const back = moved(away, child(noise, "back")); // [M, B, width]
      const negative = g.reshape(logDensity(g.reshape(back, [negatives * batch, ...event])), [negatives, batch]);
      const gaps = g.sub(negative, logDensity(x));
      const stable = g.broadcastTo(g.constant(Float32Array.of(Math.log(stability)), [1, 1]), [1, batch]);
      return g.sub(g.mean(g.logsumexp(g.concat([gaps, stable]), 0)), Math.log(negatives));
    },
  };
}
