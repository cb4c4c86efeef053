/**
 * Encodings of a table's columns that suit models of few labels and small networks alike: numbers as standardised normal scores of their
 * ranks and as piecewise-linear codes (Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning",
 * section 3.1), categories as they are. Fitted without labels.
 */
import type { NdArray } from "../../runtime/index.js";
import { normalQuantile } from "../../samplers/rank-normal.js";
import { quantile } from "../base/columns.js";

/** Runs of one-hot features: the first feature, and how many levels. */
export type Categories = readonly (readonly [start: number, levels: number])[];

/** How one column is encoded. */
export type ColumnEncoding = NumberEncoding | CategoryEncoding;

/** A column of numbers. All values are ascending and exact in single precision, so that they stay apart in a graph. */
export interface NumberEncoding {
  readonly kind: "number";
  readonly feature: number;
  /** The score runs linearly from knot to knot, and is constant outside: at `knots[k]` it is `scores[k]`. One knot or more. */
  readonly knots: readonly number[];
  readonly scores: readonly number[];
  /** Two edges or more: code k is (x - edges[k]) / (edges[k + 1] - edges[k]), clipped to [0, 1]. */
  readonly edges: readonly number[];
}

export interface CategoryEncoding {
  readonly kind: "category";
  /** The first of `levels` features. */
  readonly feature: number;
  readonly levels: number;
}

/** Encoded rows `[N, width]`: scores and categories first, `plain` of them, then piecewise-linear codes. */
export interface EncodedRows {
  readonly data: Float32Array;
  readonly count: number;
  readonly width: number;
  readonly plain: number;
}

const BINS = 16;
/** Codes of all columns together: of very many columns each has fewer, or a table of few rows would become a wide matrix. */
const MOST_CODES = 4096;
const KNOTS = 64;

/**
 * @param rows `[N, D]`, N ≥ 1: numbers, standardised (missing ones 0), and one-hot categories.
 * @param categories the features that are no numbers.
 */
export function fitEncoding(rows: NdArray, categories: Categories): ColumnEncoding[] {
  const [count, width] = rows.shape as [number, number];
  const runs = new Map(categories);
  const numbers = categories.reduce((n, [, levels]) => n - levels, width);
  const bins = Math.max(2, Math.min(BINS, Math.floor(MOST_CODES / numbers)));
  const encodings: ColumnEncoding[] = [];
  for (let feature = 0; feature < width; ) {
    const levels = runs.get(feature);
    if (levels !== undefined) {
      encodings.push({ kind: "category", feature, levels });
      feature += levels;
    } else {
      const column = Float32Array.from({ length: count }, (_, i) => rows.data[i * width + feature]!);
      encodings.push(fitNumber(feature, column.sort(), bins));
      feature += 1;
    }
  }
  return encodings;
}

/** A value of a column, and how many rows have it. */
interface Distinct {
  readonly value: number;
  readonly count: number;
}

function fitNumber(feature: number, sorted: Float32Array, bins: number): NumberEncoding {
  const distinct: { value: number; count: number }[] = [];
  for (const value of sorted) {
    const last = distinct.at(-1);
    if (last?.value === value) last.count++;
    else distinct.push({ value, count: 1 });
  }
  return { kind: "number", feature, ...normalScores(distinct, sorted.length), edges: edgesOf(distinct, sorted, bins) };
}

/** Φ⁻¹ of the mean rank of each value, to mean 0 and variance 1 over the rows; thinned to knots about evenly apart in the score. */
function normalScores(distinct: readonly Distinct[], rows: number): Pick<NumberEncoding, "knots" | "scores"> {
  let below = 0;
  const raw = distinct.map(({ count }) => {
    below += count;
    return normalQuantile((below - count / 2) / rows);
  });
  const expectation = (f: (score: number) => number) =>
    raw.reduce((sum, score, i) => sum + (distinct[i]!.count / rows) * f(score), 0);
  const mean = expectation((s) => s);
  const deviation = Math.sqrt(expectation((s) => (s - mean) ** 2)) || 1;
  const kept = distinct.length <= KNOTS ? [...raw.keys()] : evenlySpaced(raw, KNOTS);
  return { knots: kept.map((i) => distinct[i]!.value), scores: kept.map((i) => (raw[i]! - mean) / deviation) };
}

/** Indices of ascending values: those next above `n` evenly spaced levels, the first and the last value among them. */
function evenlySpaced(values: readonly number[], n: number): number[] {
  const [first, last] = [values[0]!, values.at(-1)!];
  const levels = Array.from({ length: n }, (_, k) => first * (1 - k / (n - 1)) + last * (k / (n - 1)));
  return [...new Set(levels.map((level) => values.findIndex((v) => v >= level)))];
}

/**
 * All values, where they are few. Else quantiles; but a value that fills a bin by itself (zero counts, ceilings) gets edges at itself and
 * at its neighbours, so that it is told from all others, and the quantiles are those of the rest.
 */
function edgesOf(distinct: readonly Distinct[], sorted: Float32Array, most: number): number[] {
  const at = (i: number) => distinct[Math.max(0, Math.min(distinct.length - 1, i))]!.value;
  let edges = distinct.map(({ value }) => value);
  if (distinct.length > most + 1) {
    const atoms = edges.flatMap((_, i) => (distinct[i]!.count >= sorted.length / most ? [i] : []));
    const values = new Set(atoms.map(at));
    const rest = sorted.filter((v) => !values.has(v));
    const bins = Math.max(2, most - 2 * atoms.length);
    const quantiles = Array.from({ length: bins + 1 }, (_, k) => Math.fround(quantile(rest, k / bins)));
    edges = [...new Set([...quantiles, ...atoms.flatMap((i) => [at(i - 1), at(i), at(i + 1)])])].sort((a, b) => a - b);
  }
  return edges.length > 1 ? edges : [edges[0]!, Math.fround(edges[0]! + 1)];
}

/** Rows `[N, D]` by a fitted encoding. */
export function encode(rows: NdArray, encodings: readonly ColumnEncoding[]): EncodedRows {
  const [count, from] = rows.shape as [number, number];
  const plain = encodings.reduce((sum, e) => sum + (e.kind === "number" ? 1 : e.levels), 0);
  const width = encodings.reduce((sum, e) => sum + (e.kind === "number" ? e.edges.length - 1 : 0), plain);
  const data = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    let [next, code] = [i * width, i * width + plain];
    for (const encoding of encodings) {
      const at = i * from + encoding.feature;
      if (encoding.kind === "category") {
        for (let k = 0; k < encoding.levels; k++) data[next++] = rows.data[at + k]!;
        continue;
      }
      const { knots, scores, edges } = encoding;
      const x = rows.data[at]!;
      data[next++] = interpolate(knots, scores, x);
      for (let k = 0; k + 1 < edges.length; k++) {
        data[code++] = Math.min(1, Math.max(0, (x - edges[k]!) / (edges[k + 1]! - edges[k]!)));
      }
    }
  }
  return { data, count, width, plain };
}

/** The value at `x` of the piecewise-linear function through the knots; constant outside. */
function interpolate(knots: readonly number[], values: readonly number[], x: number): number {
  let [low, high] = [0, knots.length - 1];
  if (x <= knots[low]!) return values[low]!;
  if (x >= knots[high]!) return values[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle]! <= x) low = middle;
    else high = middle;
  }
  const share = (x - knots[low]!) / (knots[high]! - knots[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}
