/**
 * Quarter turns: what a network learns to tell of images where no classes are known, so that its layers see what is in them (RotNet, Gidaris et al. 2018,
 * arXiv 1803.07728; such layers tell images of another kind, Hendrycks et al. 2019, arXiv 1906.12340).
 */
import { concat, constant, flip, slice, type Tensor, transpose } from "../graph/index.js";

/** Classes: none, one, two and three quarters. */
export const TURNS = 4;

/** Where the rows of each turn begin in a batch, and where the last ends. */
const bounds = (batch: number): number[] =>
  Array.from({ length: TURNS + 1 }, (_, k) => Math.floor((k * batch) / TURNS));

/** Square images `[B, C, S, S]`, the first quarter of the batch as it is, the others turned by one, two and three quarters. */
export function turned(x: Tensor): Tensor {
  const at = bounds(x.shape[0]!);
  const turns = [
    (part: Tensor) => part,
    (part: Tensor) => flip(transpose(part, [0, 1, 3, 2]), 3),
    (part: Tensor) => flip(part, [2, 3]),
    (part: Tensor) => flip(transpose(part, [0, 1, 3, 2]), 2),
  ];
  const parts = turns.flatMap((turn, k) =>
    at[k] === at[k + 1] ? [] : [turn(slice(x, { start: at[k]!, end: at[k + 1]! }))],
  );
  return concat(parts);
}

/** The class of each row of {@link turned}: i32 `[B]`. */
export function turnsOf(batch: number): Tensor {
  const at = bounds(batch);
  const classes = Int32Array.from({ length: batch }, (_, i) => at.findLastIndex((start) => start <= i));
  return constant(classes, [batch], "i32");
}
