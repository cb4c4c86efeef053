/**
 * Pooling and upsampling over the last two axes of `[B, C, H, W]`.
 *
 * Average pooling over k×k windows side by side and nearest upsampling by k are transposes of one another up to the
 * factor k²: each is the other's derivative rule. Windows that overlap are sums of strided slices.
 */
import { ShapeError, show } from "../shape.js";
import { apply, constant, type Primitive, type Tensor } from "../tensor.js";
import { checkPair, convSize, type Pair, pair } from "./conv.js";
import { add, greater, mul, where } from "./elementwise.js";
import { place, slice } from "./movement.js";
import { pad } from "./pad.js";

interface WindowAttrs {
  readonly kernel: Pair;
}

function check(name: string, x: Tensor): void {
  if (x.rank !== 4 || x.dtype !== "f32") throw new ShapeError(name, `expects f32 [B, C, H, W], got ${x}`);
}

/** Means over k×k windows side by side; the sides are multiples of k. */
export const avgPoolPrimitive: Primitive<WindowAttrs> = {
  name: "avgPool2d",
  infer: ([x], { kernel: [kh, kw] }) => {
    const [b, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [b, c, h / kh, w / kw], dtype: "f32" };
  },
  vjp: (ct, _, __, { kernel }) => [mul(upsampleNearest2d(ct, kernel), 1 / (kernel[0] * kernel[1]))],
};

export const upsamplePrimitive: Primitive<WindowAttrs> = {
  name: "upsampleNearest2d",
  infer: ([x], { kernel: [kh, kw] }) => {
    const [b, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [b, c, h * kh, w * kw], dtype: "f32" };
  },
  vjp: (ct, _, __, { kernel }) => [mul(apply(avgPoolPrimitive, [ct], { kernel }), kernel[0] * kernel[1])],
};

/** Every element repeated `factor` times along height and width. */
export function upsampleNearest2d(x: Tensor, factor: number | Pair): Tensor {
  check("upsampleNearest2d", x);
  checkPair("upsampleNearest2d", "factor", pair(factor), 1);
  return apply(upsamplePrimitive, [x], { kernel: pair(factor) });
}

export interface PoolOptions {
  /** The kernel's size by default. */
  readonly stride?: number | Pair;
  readonly padding?: number | Pair;
}

interface PoolAttrs {
  readonly kernel: Pair;
  readonly stride: Pair;
}

/** The elements that each window has at one place: a strided slice per place, row-major. */
function taps(x: Tensor, { kernel, stride }: PoolAttrs): Tensor[] {
  const [oh, ow] = [0, 1].map((i) => convSize(x.shape[2 + i]!, kernel[i]!, stride[i]!, 0)) as [number, number];
  const along = (start: number, count: number, step: number) => ({
    start,
    end: start + (count - 1) * step + 1,
    stride: step,
  });
  const out: Tensor[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++)
      out.push(slice(x, null, null, along(i, oh, stride[0]), along(j, ow, stride[1])));
  }
  return out;
}

function options(name: string, x: Tensor, kernel: number | Pair, { stride = kernel, padding = 0 }: PoolOptions) {
  check(name, x);
  const attrs = { kernel: pair(kernel), stride: pair(stride) };
  const [ph, pw] = pair(padding);
  checkPair(name, "kernel", attrs.kernel, 1);
  checkPair(name, "stride", attrs.stride, 1);
  checkPair(name, "padding", [ph, pw], 0);
  if (attrs.kernel.some((k, i) => k > x.shape[2 + i]! + 2 * [ph, pw][i]!)) {
    throw new ShapeError(name, `window ${show(attrs.kernel)} is larger than the padded input ${show(x.shape)}`);
  }
  return {
    ...attrs,
    widths: [
      [0, 0],
      [0, 0],
      [ph, ph],
      [pw, pw],
    ] as const,
  };
}

/** Means over windows; padding counts as zeros, as in PyTorch. */
export function avgPool2d(x: Tensor, kernel: number | Pair, poolOptions: PoolOptions = {}): Tensor {
  const { widths, ...attrs } = options("avgPool2d", x, kernel, poolOptions);
  const padded = pad(x, widths);
  if (sideBySide(padded, attrs)) return apply(avgPoolPrimitive, [padded], { kernel: attrs.kernel });
  return mul(
    taps(padded, attrs).reduce((a, b) => add(a, b)),
    1 / (attrs.kernel[0] * attrs.kernel[1]),
  );
}

/** The first maximum of each window takes the cotangent, as in PyTorch. */
export const maxPoolPrimitive: Primitive<PoolAttrs> = {
  name: "maxPool2d",
  infer: ([x], { kernel, stride }) => {
    const size = [0, 1].map((i) => convSize(x!.shape[2 + i]!, kernel[i]!, stride[i]!, 0));
    return { shape: [...x!.shape.slice(0, 2), ...size], dtype: "f32" };
  },
  vjp: (ct, y, [x], attrs) => [sideBySide(x!, attrs) ? maximaOf(ct, y, x!, attrs) : maxPoolInput(ct, x!, attrs)],
};

/** Whether the windows cover the input, and do not overlap. */
const sideBySide = (x: Tensor, { kernel, stride }: PoolAttrs): boolean =>
  kernel.every((k, i) => k === stride[i] && x.shape[2 + i]! % k === 0);

/**
 * The same for windows side by side, at the input's own resolution: strided slices take several times as long. Of the elements that
 * equal their window's maximum the first is marked highest.
 */
function maximaOf(ct: Tensor, y: Tensor, x: Tensor, attrs: PoolAttrs): Tensor {
  const { kernel } = attrs;
  const [h, w] = x.shape.slice(2) as [number, number];
  const places = Array.from({ length: h * w }, (_, i) => {
    const [row, column] = [Math.floor(i / w) % kernel[0], (i % w) % kernel[1]];
    return kernel[0] * kernel[1] - (row * kernel[1] + column); // from the window's size down to 1
  });
  const marks = where(greater(upsampleNearest2d(y, kernel), x), 0, constant(places, [1, 1, h, w]));
  const highest = apply(maxPoolPrimitive, [marks], attrs);
  return where(greater(upsampleNearest2d(highest, kernel), marks), 0, upsampleNearest2d(ct, kernel));
}

function maxPoolInput(ct: Tensor, x: Tensor, attrs: PoolAttrs): Tensor {
  // Fold over the places: a later one takes over only where it is strictly larger.
  let best: Tensor | undefined;
  let shares: Tensor[] = [];
  for (const tap of taps(x, attrs)) {
    if (best === undefined) {
      best = tap;
      shares = [ct];
      continue;
    }
    const wins = greater(tap, best);
    shares = [...shares.map((s) => where(wins, 0, s)), where(wins, ct, 0)];
    best = where(wins, tap, best);
  }
  return scatterTaps(shares, x, attrs);
}

/** The transpose of {@link taps}: each place's values written back and added up. */
function scatterTaps(parts: readonly Tensor[], x: Tensor, { kernel, stride }: PoolAttrs): Tensor {
  return parts
    .map((part, t) => {
      const starts = [0, 0, Math.floor(t / kernel[1]), t % kernel[1]];
      return place(part, x.shape, starts, [1, 1, ...stride]);
    })
    .reduce((a, b) => add(a, b));
}

/** Maxima over windows. Padding is not supported: pad the input with a value below its range instead. */
export function maxPool2d(x: Tensor, kernel: number | Pair, poolOptions: Omit<PoolOptions, "padding"> = {}): Tensor {
  const { widths: _, ...attrs } = options("maxPool2d", x, kernel, poolOptions);
  return apply(maxPoolPrimitive, [x], attrs);
}
