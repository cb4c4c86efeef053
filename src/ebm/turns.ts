/**
 * Quarter turns: what a network learns to tell of images where no classes are known, so that its layers see what is in them (RotNet, Gidaris et al. 2018,
 * arXiv 1803.07728; such layers tell images of another kind, Hendrycks et al. 2019, arXiv 1906.12340).
 */
import { concat, constant, flip, slice, type Tensor, transpose } from "../graph/index.js";

/** Classes: none, one, two and three quarters. */
export const TURNS = 4;

/** By quarters, of square images `[B, C, S, S]`. */
const turns: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x,
  (x) => flip(transpose(x, [0, 1, 3, 2]), 3),
  (x) => flip(x, [2, 3]),
  (x) => flip(transpose(x, [0, 1, 3, 2]), 2),
];

/**
 * Square images `[B, C, S, S]`, row i turned by i mod 4 quarters: first those as they are, then those turned once, and so on. Ranks with a multiple of four
 * rows each thus turn theirs as one process turns all.
 */
export const turned = (x: Tensor): Tensor =>
  concat(turns.slice(0, x.shape[0]!).map((turn, k) => turn(slice(x, { start: k, stride: TURNS }))));

/** The class of each row of {@link turned}: i32 `[B]`. */
export function turnsOf(batch: number): Tensor {
  const classes = Int32Array.from({ length: batch }, (_, i) => i % TURNS).sort();
  return constant(classes, [batch], "i32");
}
