/**
 * Preprocessing as part of a graph: from values as they are published to what the model takes, and back.
 *
 * A deployed model takes and gives floats. An image is pixel values from 0 to the largest of the data set (255; 16 for the 8×8 digits),
 * `[B, C, H, W]`. A row of a table is one number per column `[B, columns]`: the column's own number, or the index of
 * its level for a column of categories; NaN is a missing value, and an index that is no level a value not seen in training.
 */
import type { Preprocessing, Scaling, TableColumn, TablePreprocessing } from "../data/index.js";
import { EDGE } from "../data/scaling.js";
import { MISSING } from "../data/table.js";
import * as g from "../graph/index.js";

/** Shape of one deployed input, given that of the model's. */
export const publishedShape = (preprocessing: Preprocessing, event: g.Shape): g.Shape =>
  preprocessing.kind === "table" ? [preprocessing.columns.length] : event;

/** Published values → the model's input. */
export function prepare(x: g.Tensor, preprocessing: Preprocessing): g.Tensor {
  switch (preprocessing.kind) {
    case "none":
      return x;
    case "image":
      return scaled(x, preprocessing.max, preprocessing.scaling);
    case "table":
      return features(x, preprocessing);
  }
}

/** The model's input → published values: pixels within their range, numbers in their units, the most likely level. */
export function restore(x: g.Tensor, preprocessing: Preprocessing): g.Tensor {
  switch (preprocessing.kind) {
    case "none":
      return x;
    case "image":
      return g.mul(g.clamp(brightness(x, preprocessing.scaling), 0, 1), preprocessing.max);
    case "table":
      return columns(x, preprocessing);
  }
}

function scaled(x: g.Tensor, max: number, scaling: Scaling): g.Tensor {
  const p = g.div(x, max);
  if (scaling === "unit") return p;
  if (scaling === "symmetric") return g.sub(g.mul(p, 2), 1);
  // 1 - p as a quotient of its own: the difference of floats would cost half their digits near white.
  const inside = (v: g.Tensor) => g.log(g.clamp(v, EDGE, 1 - EDGE));
  return g.sub(inside(p), inside(g.div(g.sub(max, x), max)));
}

function brightness(x: g.Tensor, scaling: Scaling): g.Tensor {
  if (scaling === "unit") return x;
  return scaling === "symmetric" ? g.mul(g.add(x, 1), 0.5) : g.sigmoid(x);
}

/** Neighbouring columns that are treated as one: all numbers, or a single category. */
function runs(list: readonly TableColumn[]): { readonly start: number; readonly columns: readonly TableColumn[] }[] {
  const found: { start: number; columns: TableColumn[] }[] = [];
  list.forEach((column, i) => {
    const last = found.at(-1);
    if (last !== undefined && column.kind === "numeric" && last.columns[0]!.kind === "numeric")
      last.columns.push(column);
    else found.push({ start: i, columns: [column] });
  });
  return found;
}

/** True where x is a number: NaN compares with nothing. */
const isNumber = (x: g.Tensor): g.Tensor => g.logicalOr(g.lessEqual(x, 0), g.less(0, x));

function features(x: g.Tensor, { columns }: TablePreprocessing): g.Tensor {
  const parts = runs(columns).map(({ start, columns: run }) => {
    const given = g.slice(x, null, { start, end: start + run.length });
    const known = isNumber(given);
    const [first] = run;
    if (first!.kind === "numeric") {
      const standard = g.div(
        g.sub(
          given,
          row(run, (c) => c.mean),
        ),
        row(run, (c) => c.std),
      );
      return g.where(known, standard, 0);
    }
    const { levels } = first!;
    const index = g.where(known, given, levels.indexOf(MISSING)); // -1 where there is no such level: no feature is set
    return g.cast(g.equal(index, g.constant(Float32Array.from(levels.keys()), [1, levels.length])), "f32");
  });
  return parts.length === 1 ? parts[0]! : g.concat(parts, 1);
}

function columns(x: g.Tensor, { columns }: TablePreprocessing): g.Tensor {
  let at = 0;
  const parts = runs(columns).map(({ columns: run }) => {
    const [first] = run;
    const width = first!.kind === "numeric" ? run.length : first!.levels.length;
    const values = g.slice(x, null, { start: at, end: at + width });
    at += width;
    if (first!.kind === "numeric")
      return g.add(
        g.mul(
          values,
          row(run, (c) => c.std),
        ),
        row(run, (c) => c.mean),
      );
    return g.reshape(g.cast(g.argmax(values, 1), "f32"), [x.shape[0]!, 1]);
  });
  return parts.length === 1 ? parts[0]! : g.concat(parts, 1);
}

/** A number of each column, as a row `[1, columns]`. */
function row(run: readonly TableColumn[], value: (column: { mean: number; std: number }) => number): g.Tensor {
  const numbers = run.map((c) => value(c as TableColumn & { kind: "numeric" }));
  return g.constant(Float32Array.from(numbers), [1, numbers.length]);
}
