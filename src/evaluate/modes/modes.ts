/**
 * Counting modes. Samples and data are labelled alike; a mode is found when a sample falls into it.
 *
 * KL(samples ‖ data) = Σ s log(s / d) over the modes that samples fall into: modes that are missing add nothing to it, and it is finite
 * where the data have every mode that the samples have. KL(data ‖ samples) = Σ d log(d / s) is infinite as soon as one of the data's
 * modes is missing. Beside that value stands the one of smoothed counts, half a sample added to every mode (Krichevsky &
 * Trofimov 1981), finite always and falling as modes are found.
 */
import type { Rng } from "../../runtime/index.js";

export interface ModeCount {
  /** Modes that the data have. */
  readonly modes: number;
  /** Of those, modes that samples fall into. */
  readonly found: number;
  readonly samples: number;
  readonly klSamplesData: number;
  readonly klDataSamples: number;
  readonly klDataSamplesSmoothed: number;
}

export interface ModeReport extends ModeCount {
  /** The same of as many draws from the data's own distribution: no generator can be expected to do better. */
  readonly ideal: ModeCount;
}

/** How often each label occurs. @throws RangeError for a label outside of 0 … modes - 1. */
export function histogram(labels: ArrayLike<number>, modes: number): Int32Array {
  const counts = new Int32Array(modes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(label >= 0 && label < modes)) throw new RangeError(`the label ${label} among ${modes}`);
    counts[label]!++;
  }
  return counts;
}

/**
 * Σ p log(p / q) of two vectors of counts or weights, each normalised first, in nats. Infinite where q is 0 and p is not.
 * @throws RangeError where lengths differ or a vector has no weight.
 */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  const [total, other] = [sum(p), sum(q)];
  if (p.length !== q.length || !(total > 0 && other > 0)) {
    throw new RangeError(`no divergence between ${p.length} weights of sum ${total} and ${q.length} of sum ${other}`);
  }
  let divergence = 0;
  for (let i = 0; i < p.length; i++) {
    if (p[i]! > 0) divergence += (p[i]! / total) * Math.log(p[i]! / total / (q[i]! / other));
  }
  return divergence;
}

/** Half a sample in every mode before counting. */
const PSEUDO_COUNT = 0.5;

/** @param samples @param data counts of each mode */
export function countModes(samples: Int32Array, data: Int32Array): ModeCount {
  return {
    modes: data.filter((d) => d > 0).length,
    found: data.filter((d, i) => d > 0 && samples[i]! > 0).length,
    samples: sum(samples),
    klSamplesData: klDivergence(samples, data),
    klDataSamples: klDivergence(data, samples),
    klDataSamplesSmoothed: klDivergence(
      data,
      Float64Array.from(samples, (s) => s + PSEUDO_COUNT),
    ),
  };
}

/** Counts modes, and what as many draws from the data's own distribution would count. */
export function reportModes(samples: Int32Array, data: Int32Array, rng: Rng): ModeReport {
  const total = sum(data);
  const cumulative = new Float64Array(data.length);
  data.reduce((before, d, i) => {
    cumulative[i] = before + d;
    return before + d;
  }, 0);
  const ideal = new Int32Array(data.length);
  for (let i = 0; i < sum(samples); i++) {
    const at = rng.below(total);
    ideal[firstAbove(cumulative, at)]!++;
  }
  return { ...countModes(samples, data), ideal: countModes(ideal, data) };
}

/** The first place of an ascending list whose value is above `x`. */
function firstAbove(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
