/**
 * Preprocessing of images as part of a graph: from pixels as they are published, 0 to the largest of the data set (255; 16 for the
 * 8×8 digits), `[B, C, H, W]`, to what the model takes, and back. That of tables is not in the graph, whose numbers are 32-bit
 * floats, but before it and after it: `columns.ts`.
 */
import type { Preprocessing, Scaling } from "../data/index.js";
import { EDGE } from "../data/scaling.js";
import * as g from "../graph/index.js";

/** Published pixels → the model's input. Whatever is no image stays as it is. */
export const prepare = (x: g.Tensor, preprocessing: Preprocessing): g.Tensor =>
  preprocessing.kind === "image" ? scaled(x, preprocessing.max, preprocessing.scaling) : x;

/** The model's input → published pixels, within their range. */
export const restore = (x: g.Tensor, preprocessing: Preprocessing): g.Tensor =>
  preprocessing.kind === "image" ? g.mul(g.clamp(brightness(x, preprocessing.scaling), 0, 1), preprocessing.max) : x;

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
