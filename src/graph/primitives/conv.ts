/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch) and its transposes.
 *
 * y = conv(x, w) is linear in x and in w, so there are three bilinear maps, each the transpose of the others in one argument:
 *
 *   conv2d(x, w) → y     convInput(y, w) → x     convFilter(x, y) → w
 *
 * and the derivative of each is made of the other two. `convInput` is PyTorch's transposed convolution.
 */
import { ShapeError, show } from "../shape.js";
import { apply, type Primitive, type Tensor } from "../tensor.js";
import { sum } from "./broadcast.js";
import { matmul } from "./matmul.js";
import { reshape } from "./movement.js";

/** Height and width. */
export type Pair = readonly [height: number, width: number];

/** The two numbers of a list. */
export function pairOf([height, width]: readonly number[]): Pair {
  if (height === undefined || width === undefined) throw new TypeError("a height and a width are two numbers");
  return [height, width];
}

export interface ConvAttrs {
  readonly stride: Pair;
  readonly padding: Pair;
}

/** Size along one axis after a convolution. */
export const convSize = (size: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

function checkOperands(name: string, a: Tensor, b: Tensor, channelsA: number, channelsB: number): void {
  if (a.dtype !== "f32" || b.dtype !== "f32" || a.rank !== 4 || b.rank !== 4) {
    throw new ShapeError(name, `expects two f32 tensors of rank 4, got ${a} and ${b}`);
  }
  if (channelsA !== channelsB)
    throw new ShapeError(
      name,
      `channels of ${show(a.shape)} and ${show(b.shape)} differ: ${channelsA} and ${channelsB}`,
    );
}

/** Inputs: x `[B, I, H, W]`, w `[O, I, kh, kw]` and optionally a bias `[O]`. */
export const convPrimitive: Primitive<ConvAttrs> = {
  name: "conv2d",
  infer: ([x, w, bias], { stride, padding }) => {
    checkOperands("conv2d", x!, w!, x!.shape[1]!, w!.shape[1]!);
    const size = [0, 1].map((i) => convSize(x!.shape[2 + i]!, w!.shape[2 + i]!, stride[i]!, padding[i]!));
    if (size.some((d) => d < 1))
      throw new ShapeError("conv2d", `kernel ${show(w!.shape)} is larger than the padded input ${show(x!.shape)}`);
    if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== w!.shape[0])) {
      throw new ShapeError("conv2d", `bias ${show(bias.shape)} does not fit kernel ${show(w!.shape)}`);
    }
    return { shape: [x!.shape[0]!, w!.shape[0]!, ...size], dtype: "f32" };
  },
  vjp: (ct, _, [x, w, bias], attrs) => [
    convInput(ct, w!, attrs, [x!.shape[2]!, x!.shape[3]!]),
    convFilter(x!, ct, attrs, [w!.shape[2]!, w!.shape[3]!]),
    ...(bias === undefined ? [] : [sum(ct, [0, 2, 3])]),
  ],
};

/**
 * Inputs: y `[B, O, h, w]`, w `[O, I, kh, kw]` and optionally a bias `[I]`; `size` is the height and width of the result.
 */
export const convInputPrimitive: Primitive<ConvAttrs & { size: Pair }> = {
  name: "convInput",
  infer: ([y, w, bias], { stride, padding, size }) => {
    checkOperands("convTranspose2d", y!, w!, y!.shape[1]!, w!.shape[0]!);
    const fits = [0, 1].every((i) => convSize(size[i]!, w!.shape[2 + i]!, stride[i]!, padding[i]!) === y!.shape[2 + i]);
    if (!fits || size.some((d) => d < 1))
      throw new ShapeError(
        "convTranspose2d",
        `no convolution by ${show(w!.shape)} takes size ${show(size)} to ${show(y!.shape)}`,
      );
    if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== w!.shape[1])) {
      throw new ShapeError("convTranspose2d", `bias ${show(bias.shape)} does not fit kernel ${show(w!.shape)}`);
    }
    return { shape: [y!.shape[0]!, w!.shape[1]!, ...size], dtype: "f32" };
  },
  vjp: (ct, _, [y, w, bias], attrs) => [
    conv2d(ct, w!, attrs),
    convFilter(ct, y!, attrs, [w!.shape[2]!, w!.shape[3]!]),
    ...(bias === undefined ? [] : [sum(ct, [0, 2, 3])]),
  ],
};

/** Inputs: x `[B, I, H, W]` and y `[B, O, h, w]`; `kernel` is the height and width of the result. */
export const convFilterPrimitive: Primitive<ConvAttrs & { kernel: Pair }> = {
  name: "convFilter",
  infer: ([x, y], { kernel }) => {
    checkOperands("convFilter", x!, y!, x!.shape[0]!, y!.shape[0]!);
    return { shape: [y!.shape[1]!, x!.shape[1]!, ...kernel], dtype: "f32" };
  },
  vjp: (ct, _, [x, y], attrs) => [convInput(y!, ct, attrs, [x!.shape[2]!, x!.shape[3]!]), conv2d(x!, ct, attrs)],
};

const convInput = (y: Tensor, w: Tensor, { stride, padding }: ConvAttrs, size: Pair): Tensor =>
  apply(convInputPrimitive, [y, w], { stride, padding, size });

const convFilter = (x: Tensor, y: Tensor, { stride, padding }: ConvAttrs, kernel: Pair): Tensor =>
  apply(convFilterPrimitive, [x, y], { stride, padding, kernel });

/** Options of a convolution; a single number stands for both axes. */
export interface ConvOptions {
  readonly stride?: number | Pair;
  readonly padding?: number | Pair;
  /** `[O]`. */
  readonly bias?: Tensor | undefined;
}
export const pair = (value: number | Pair): Pair => (typeof value === "number" ? [value, value] : value);

/** @throws ShapeError where an option has a fraction or is less than `least`. */
export function checkPair(operation: string, option: string, values: Pair, least: number): void {
  if (values.length !== 2 || !values.every((v) => Number.isInteger(v) && v >= least)) {
    throw new ShapeError(operation, `${option} ${show(values)} must be two whole numbers from ${least}`);
  }
}

/**
 * Convolution: x `[B, I, H, W]`, w `[O, I, kh, kw]` → `[B, O, h, w]`, as `torch.nn.functional.conv2d`.
 * @throws ShapeError where channels differ or the kernel is larger than the padded input.
 */
export function conv2d(x: Tensor, w: Tensor, { stride = 1, padding = 0, bias }: ConvOptions = {}): Tensor {
  const attrs = { stride: pair(stride), padding: pair(padding) };
  checkPair("conv2d", "stride", attrs.stride, 1);
  checkPair("conv2d", "padding", attrs.padding, 0);
  const covers =
    x.rank === 4 && w.rank === 4 && x.shape[1] === w.shape[1] && x.shape[2] === w.shape[2] && x.shape[3] === w.shape[3];
  if (covers && bias === undefined && attrs.padding.every((p) => p === 0)) {
    // The kernel covers the input: a matrix product.
    const y = matmul(reshape(x, [x.shape[0]!, -1]), reshape(w, [w.shape[0]!, -1]), { transB: true });
    return reshape(y, [...y.shape, 1, 1]);
  }
  return apply(convPrimitive, bias === undefined ? [x, w] : [x, w, bias], attrs);
}

/**
 * Transposed convolution: y `[B, I, h, w]`, w `[I, O, kh, kw]` → `[B, O, H, W]` with
 * H = (h - 1) stride - 2 padding + kh + outputPadding, as `torch.nn.functional.conv_transpose2d`.
 * @throws ShapeError where channels differ or the output padding is not smaller than the stride.
 */
export function convTranspose2d(
  y: Tensor,
  w: Tensor,
  {
    stride = 1,
    padding = 0,
    outputPadding = 0,
  }: Omit<ConvOptions, "bias"> & { readonly outputPadding?: number | Pair } = {},
): Tensor {
  const attrs = { stride: pair(stride), padding: pair(padding) };
  const extra = pair(outputPadding);
  checkPair("convTranspose2d", "stride", attrs.stride, 1);
  checkPair("convTranspose2d", "padding", attrs.padding, 0);
  checkPair("convTranspose2d", "outputPadding", extra, 0);
  if (
    y.rank === 4 &&
    w.rank === 4 &&
    y.shape[2] === 1 &&
    y.shape[3] === 1 &&
    y.shape[1] === w.shape[0] &&
    [...attrs.padding, ...extra].every((p) => p === 0)
  ) {
    // One input pixel: a matrix product.
    const x = matmul(reshape(y, [y.shape[0]!, -1]), reshape(w, [w.shape[0]!, -1]));
    return reshape(x, [y.shape[0]!, ...w.shape.slice(1)]);
  }
  const along = (i: 0 | 1) =>
    (y.shape[2 + i]! - 1) * attrs.stride[i] - 2 * attrs.padding[i] + w.shape[2 + i]! + extra[i];
  return convInput(y, w, attrs, [along(0), along(1)]);
}
