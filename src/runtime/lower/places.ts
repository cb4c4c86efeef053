/**
 * Convolutions between small images: one matrix product for each place of the result.
 *
 * ONNX Runtime's kernels make a matrix product for each image, with as many columns as the image has places. Where these are few
 * the products are slivers: measured 29 GFLOP/s for a transposed convolution of 2×2 images of 512 channels. Here a product
 * has the whole batch for its rows, and only those taps of the kernel that meet the image: 450 GFLOP/s counted alike.
 */
import { type ConvAttrs, pairOf } from "../../graph/primitives/conv.js";
import type { Shape } from "../../graph/shape.js";
import { withBias } from "./blocked.js";
import type { Emitter } from "./emitter.js";

/** The widest small image. */
const SMALL = 4;
/** Input times output channels below which the products are not worth an operator each. */
const MIN_CHANNELS = 64 * 64;

/** Whether a convolution by these weights is better off so; `size` is that of the smaller of its two images. */
export function prefersPlaces(emit: Emitter, [o, i, kh, kw]: Shape, size: readonly number[]): boolean {
  return !emit.standardOnly && !emit.card && kh! * kw! > 1 && o! * i! >= MIN_CHANNELS && size.every((d) => d <= SMALL);
}

export interface PlacesGeometry extends ConvAttrs {
  readonly from: Shape;
  readonly to: Shape;
  /** Of the weights: `[O, I, kh, kw]`. */
  readonly weights: Shape;
  /** From O to I channels: the derivative of a convolution by its input. */
  readonly transposed: boolean;
}

/**
 * Kernels `[O, I, kh, kw]` such that those at several taps are easily picked: `[O, kh·kw, I]` (`transposed`: `[kh·kw, O, I]`). Both are an
 * exchange of two neighbouring axes, which takes 1 ms for 2 M weights; ONNX Runtime's other transpositions take 7.
 */
const byTap = (emit: Emitter, w: string, [o, i, kh, kw]: Shape, transposed: boolean): string =>
  transposed
    ? emit.reshape(emit.transpose(emit.reshape(w, [o! * i!, kh! * kw!]), [1, 0]), [kh! * kw!, o!, i!])
    : emit.transpose(emit.reshape(w, [o!, i!, kh! * kw!]), [0, 2, 1]);

/** `x` (of shape `from`) convolved by `w` to shape `to`, plus a bias where there is one. */
export function convByPlaces(
  emit: Emitter,
  [x, w, bias]: readonly [string, string, string?],
  geometry: PlacesGeometry,
): string {
  const { from, to, weights, stride, padding, transposed } = geometry;
  const [batch, channels, height, width] = from as readonly [number, number, number, number];
  const [, outputs, rows, columns] = to as readonly [number, number, number, number];
  const [kh, kw] = pairOf(weights.slice(2));
  const places = emit.reshape(emit.transpose(x, [0, 2, 3, 1]), [batch, height * width, channels]);
  const taps = byTap(emit, w, weights, transposed);
  const meet = (axis: 0 | 1, at: number, size: number, kernel: number): [place: number, tap: number][] =>
    [...Array(size).keys()]
      .map((place): [number, number] => [
        place,
        transposed ? at + padding[axis] - stride[axis] * place : place + padding[axis] - stride[axis] * at,
      ])
      .filter(([, tap]) => tap >= 0 && tap < kernel);
  const products: string[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const pairs = meet(0, r, height, kh).flatMap(([i, k]) =>
        meet(1, c, width, kw).map(([j, l]) => [i * width + j, k * kw + l] as const),
      );
      if (pairs.length === 0) {
        products.push(emit.node("Expand", [bias ?? emit.scalar(0), emit.ints([batch, outputs])]));
        continue;
      }
      const depth = pairs.length * channels;
      const pick = (of: string, which: 0 | 1, axis: number, shape: readonly number[]) =>
        emit.reshape(emit.node("Gather", [of, emit.ints(pairs.map((pair) => pair[which]))], { axis }), shape);
      const inputs = pick(places, 0, 1, [batch, depth]);
      const matrix = transposed ? pick(taps, 1, 0, [depth, outputs]) : pick(taps, 1, 1, [outputs, depth]);
      products.push(emit.node("Gemm", withBias([inputs, matrix], bias), { transB: Number(!transposed) }));
    }
  }
  const all = products.length === 1 ? products[0]! : emit.node("Concat", products, { axis: 1 });
  return emit.reshape(emit.transpose(emit.reshape(all, [batch, rows * columns, outputs]), [0, 2, 1]), to);
}
