/** Arithmetic of chains: one number per row against the rest of the row. */
import { mul, reshape, sum, type Tensor } from "../graph/index.js";

/** Sum over all axes but the first: `[B, …event]` → `[B]`. */
const sumRows = (x: Tensor): Tensor => sum(x, [...x.shape.keys()].slice(1));

/** Inner products of rows: `[B]`. */
export const dotRows = (a: Tensor, b: Tensor): Tensor => sumRows(mul(a, b));

/** `[B]` as `[B, 1, …]`, to meet tensors of the rank of `like`. */
export const perRow = (x: Tensor, like: Tensor): Tensor => reshape(x, [x.size, ...like.shape.slice(1).map(() => 1)]);
