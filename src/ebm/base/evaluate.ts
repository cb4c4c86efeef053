/** A base measure on many rows, outside a training step. */
import type * as g from "../../graph/index.js";
import { branch, type Dict } from "../../nn/index.js";
import { compile, NdArray } from "../../runtime/index.js";
import type { BaseMeasure } from "./base-measure.js";

/** Rows of one call: members hold some dozens of numbers for each of a row's. */
const NUMBERS = 2 ** 17;

/** log q of rows `[N, D]` under each measure, which `fitted` has by name: `[measures][N]`. */
export async function logDensities(
  measures: Readonly<Record<string, BaseMeasure>>,
  fitted: Dict<NdArray>,
  rows: NdArray,
): Promise<Float32Array[]> {
  const [count, width] = rows.shape as [number, number];
  const batch = Math.min(count, Math.max(32, Math.floor(NUMBERS / width)));
  const fn = (trees: Dict<g.Tensor>, x: g.Tensor) =>
    Object.fromEntries(
      Object.entries(measures).map(([name, measure]) => [name, measure.logDensity(branch(trees, name), x)]),
    );
  const run = compile(fn, { name: "base", argNames: ["fitted", "x"] });
  const names = Object.keys(measures);
  const values = names.map(() => new Float32Array(count));
  try {
    // The last call takes as many rows as the others, some of them again: sessions are made for a shape.
    for (let at = 0; at < count; at += batch) {
      const from = Math.max(0, Math.min(at, count - batch));
      const part = new NdArray(rows.data.subarray(from * width, (from + batch) * width), [batch, width]);
      const result = await run(fitted, part);
      names.forEach((name, m) => {
        values[m]!.set(result[name]!.data, from);
      });
    }
  } finally {
    await run.release();
  }
  return values;
}
