/**
 * The encoding of a table's columns (`columns.ts`) as a part of the graph: what was fitted becomes buffers, so that a model has it
 * wherever it goes. Scores first, then categories, then piecewise-linear codes.
 */
import * as g from "../../graph/index.js";
import { type Dict, variable } from "../../nn/index.js";
import { compile, integers, NdArray } from "../../runtime/index.js";
import type { ColumnEncoding, NumberEncoding } from "./columns.js";

/** Least distance of knots that counts: less, and its inverse is no number. */
const LEAST = 1e-30;

const vector = (values: readonly number[], shape: g.Shape = [values.length]) =>
  new NdArray(Float32Array.from(values), shape);

/** (x - start) · rate, clipped to [0, 1], is the share of the segment that x has passed. */
const segmentsOf = (ends: readonly number[]) =>
  ends.slice(1).map((end, k) => ({ start: ends[k]!, rate: 1 / Math.max(end - ends[k]!, LEAST) }));

/**
 * Buffers. Of N columns of numbers `numbers` (features) and `scores.…`: `base` `[N]`, and of up to K segments of each `start`, `rate`,
 * `rise` `[K, N]`. Of P codes `codes.…`: `feature`, `start`, `rate` `[P]`. Of M one-hot features `categories` `[M]`. What has no
 * column is not there.
 */
export function encodingBuffers(columns: readonly ColumnEncoding[]): Dict<NdArray> {
  const numbers = columns.filter((c): c is NumberEncoding => c.kind === "number");
  const features = columns.flatMap((c) =>
    c.kind === "category" ? Array.from({ length: c.levels }, (_, k) => c.feature + k) : [],
  );
  return {
    ...(numbers.length > 0 && {
      numbers: integers(numbers.map((c) => c.feature)),
      scores: scoreBuffers(numbers),
      codes: codeBuffers(numbers),
    }),
    ...(features.length > 0 && { categories: integers(features) }),
  };
}

function scoreBuffers(numbers: readonly NumberEncoding[]): Dict<NdArray> {
  const segments = numbers.map(({ knots, scores }) =>
    segmentsOf(knots).map((segment, k) => ({ ...segment, rise: scores[k + 1]! - scores[k]! })),
  );
  const most = Math.max(1, ...segments.map((s) => s.length));
  const table = (name: "start" | "rate" | "rise") => {
    const rows = Array.from({ length: most }, (_, k) => segments.map((s) => s[k]?.[name] ?? 0));
    return vector(rows.flat(), [most, numbers.length]);
  };
  return {
    base: vector(numbers.map(({ scores }) => scores[0]!)),
    start: table("start"),
    rate: table("rate"),
    rise: table("rise"),
  };
}

function codeBuffers(numbers: readonly NumberEncoding[]): Dict<NdArray> {
  const codes = numbers.flatMap(({ feature, edges }) => segmentsOf(edges).map((s) => ({ feature, ...s })));
  return {
    feature: integers(codes.map((c) => c.feature)),
    start: vector(codes.map((c) => c.start)),
    rate: vector(codes.map((c) => c.rate)),
  };
}

/** Rows `[B, D]` encoded: `[B, W]`. */
export function encodeRows(buffers: Dict<g.Tensor>, x: g.Tensor): g.Tensor {
  const parts: g.Tensor[] = [];
  const passed = (values: g.Tensor, of: Dict<g.Tensor>) =>
    g.clamp(g.mul(g.sub(values, variable(of, "start")), variable(of, "rate")), 0, 1);
  if (buffers.numbers !== undefined) {
    const [scores, codes] = [buffers.scores as Dict<g.Tensor>, buffers.codes as Dict<g.Tensor>];
    const values = g.gather(x, variable(buffers, "numbers"), 1);
    const shares = passed(g.expandDims(values, 1), scores);
    parts.push(g.add(g.sum(g.mul(shares, variable(scores, "rise")), 1), variable(scores, "base")));
    const coded = passed(g.gather(x, variable(codes, "feature"), 1), codes);
    if (buffers.categories !== undefined) parts.push(g.gather(x, variable(buffers, "categories"), 1));
    parts.push(coded);
  } else parts.push(g.gather(x, variable(buffers, "categories"), 1));
  return parts.length === 1 ? parts[0]! : g.concat(parts, 1);
}

/** Numbers in the widest tensor of a call. */
const NUMBERS = 2 ** 22;

/** All rows of a matrix `[N, D]` encoded, `[N, W]`, outside a training step. */
export async function encodeMatrix(buffers: Dict<NdArray>, rows: NdArray): Promise<NdArray> {
  const [count, width] = rows.shape as [number, number];
  const batch = Math.min(count, Math.max(16, Math.floor(NUMBERS / (64 * width))));
  const run = compile(encodeRows, { name: "encode", argNames: ["encoding", "x"] });
  let out: Float32Array | null = null;
  let encoded = 0;
  try {
    // The last call takes as many rows as the others, some of them again: sessions are made for a shape.
    for (let at = 0; at < count; at += batch) {
      const from = Math.min(at, count - batch);
      const x = new NdArray(rows.data.subarray(from * width, (from + batch) * width), [batch, width]);
      const { data, shape } = await run(buffers, x);
      encoded = shape[1]!;
      out ??= new Float32Array(count * encoded);
      out.set(data, from * encoded);
    }
  } finally {
    await run.release();
  }
  return new NdArray(out ?? new Float32Array(0), [count, encoded]);
}
