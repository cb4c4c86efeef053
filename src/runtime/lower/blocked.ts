/**
 * Convolutions in ONNX Runtime's blocked layout.
 *
 * Its CPU kernels for channels in blocks (`NCHWc`, 16 channels with AVX-512, 8 with AVX) reach up to twice the speed of those
 * for plain layout, reordering included. ONNX Runtime uses them by itself only for constant weights; here weights change
 * at each step, so the graph reorders them: two reshapes and a transpose of a small tensor. Engines say which block
 * size the machine has, if any, after trying it (`engine-node.ts`).
 */
import { type ConvAttrs, type Pair, pairOf } from "../../graph/primitives/conv.js";
import { leakyReluPrimitive } from "../../graph/primitives/elementwise.js";
import { type Shape, sameShape } from "../../graph/shape.js";
import type { Primitive, Tensor } from "../../graph/tensor.js";
import { type Attribute, floats } from "../onnx.js";
import type { Emitter } from "./emitter.js";

/** Domain of the blocked kernels. */
export const BLOCKED = "com.microsoft.nchwc";

/** Narrower outputs leave the kernels' rows half empty: plain convolution is faster (measured). */
const MIN_WIDTH = 8;

/** Whether a convolution from and to these many channels, with rows this wide, is better off blocked. */
export function prefersBlocked(emit: Emitter, channels: readonly number[], width: number): boolean {
  const block = emit.block;
  return block !== undefined && width >= MIN_WIDTH && channels.every((c) => c % block === 0);
}

/** A value in the blocked layout. */
function toBlocked(emit: Emitter, x: string): string {
  const known = emit.blocked.get(x);
  if (known !== undefined) return known;
  const y = emit.node("ReorderInput", [x], {}, BLOCKED);
  emit.blocked.set(x, y);
  return y;
}

/** The name of a blocked value in plain layout; it is reordered only if something needs it so. */
export function fromBlocked(emit: Emitter, y: string, channels: number): string {
  const name = emit.later("ReorderOutput", [y], { channels }, BLOCKED);
  emit.blocked.set(name, y);
  return name;
}

/** Operations that do to each number the same, wherever it stands. */
const anywhere = new Set<string>(
  "neg exp log sqrt sin cos tanh sigmoid softplus abs sign step leakyRelu clamp pow add sub mul div maximum minimum".split(
    " ",
  ),
);

/** The inputs of an elementwise operation in blocked layout, where all are there in it already; otherwise null. */
export function blockwise(emit: Emitter, node: Tensor, inputs: readonly string[]): string[] | null {
  if (!anywhere.has(node.primitive.name) || node.rank !== 4) return null;
  const blocked = inputs.map((name, i) => {
    const x = node.inputs[i]!;
    if (x.rank === 0) return name;
    return sameShape(x.shape, node.shape) ? emit.blocked.get(name) : undefined;
  });
  return blocked.includes(undefined) || node.inputs.every((x) => x.rank === 0) ? null : (blocked as string[]);
}

/** The blocked convolution can apply leakyRelu as it writes its results. */
function activation(emit: Emitter): Record<string, Attribute> {
  const next = emit.follower;
  if (next?.primitive !== (leakyReluPrimitive as Primitive)) return {};
  emit.absorbed = true;
  const { slope } = next.attrs as { slope: number };
  return slope === 0 ? { activation: "Relu" } : { activation: "LeakyRelu", activation_params: floats([slope]) };
}

/**
 * A convolution of `x` `[B, I, H, W]`. With `transposed` the weights are given as `[I, O, kh, kw]` and flipped, as the
 * derivative by the input of a convolution with stride 1 needs them.
 */
export function blockedConv(
  emit: Emitter,
  [x, w, bias]: readonly [string, string, string?],
  weightShape: Shape,
  { stride, padding, transposed = false }: ConvAttrs & { transposed?: boolean },
): string {
  const filter = blockedFilter(emit, transposed ? flip(emit, w) : w, weightShape, transposed);
  const kernel = pairOf(weightShape.slice(2));
  const attributes = { ...window(kernel, stride, [...padding, ...padding]), ...activation(emit) };
  const y = emit.node("Conv", withBias([toBlocked(emit, x), filter], bias), attributes, BLOCKED);
  return fromBlocked(emit, y, weightShape[transposed ? 1 : 0]!);
}

/** A node's inputs, with a bias where there is one. */
export const withBias = (inputs: readonly string[], bias: string | undefined): string[] =>
  bias === undefined ? [...inputs] : [...inputs, bias];

const window = (kernel: Pair, stride: Pair, pads: readonly number[]) => ({
  kernel_shape: kernel,
  strides: stride,
  pads,
  dilations: [1, 1],
  group: 1,
  auto_pad: "NOTSET",
});

/** Kernels `[O, I, kh, kw]` (`transposed`: `[I, O, kh, kw]`) as [O/b, I/b, kh, kw, b of I, b of O]. */
function blockedFilter(emit: Emitter, w: string, shape: Shape, transposed: boolean): string {
  const block = emit.block!;
  const [first, second, kh, kw] = shape as readonly [number, number, number, number];
  const [outputs, inputs] = transposed ? [second, first] : [first, second];
  const split = emit.reshape(w, [first / block, block, second / block, block, kh, kw]);
  const order = transposed ? [2, 0, 4, 5, 1, 3] : [0, 2, 4, 5, 3, 1];
  return emit.reshape(emit.transpose(split, order), [outputs, inputs, kh, kw]);
}

/** The taps of a kernel that reach every stride-th place along an axis, last first, and the zeros that they need around. */
interface Phase {
  readonly last: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/** For each axis one phase for each place below the stride. */
export type Phases = readonly [readonly Phase[], readonly Phase[]];

/**
 * A transposed convolution with a stride is as many convolutions as the stride has places, whose results interleave: place
 * r + stride·t gets taps k ≡ r + padding (mod stride). Null where they would differ in size or one has no taps.
 */
export function phasesOf(
  { stride, padding, size }: ConvAttrs & { size: Pair },
  kernel: Pair,
  from: Pair,
): Phases | null {
  const along = (axis: 0 | 1): Phase[] | null => {
    const [s, p, k, n] = [stride[axis], padding[axis], kernel[axis], from[axis]];
    if (size[axis] !== s * n) return null;
    const phases = Array.from({ length: s }, (_, r): Phase => {
      const [first, shift] = [(r + p) % s, Math.floor((r + p) / s)];
      const taps = Math.ceil((k - first) / s);
      return { last: first + s * (taps - 1), taps, before: taps - 1 - shift, after: shift };
    });
    return phases.every(({ taps, before }) => taps > 0 && before >= 0) ? phases : null;
  };
  const [vertical, horizontal] = [along(0), along(1)];
  return vertical && horizontal && [vertical, horizontal];
}

/** `y` `[B, O, h, w]` by kernels `[O, I, kh, kw]` to `[B, I, stride·h, stride·w]`, by phases. */
export function blockedConvTranspose(
  emit: Emitter,
  [y, w, bias]: readonly [string, string, string?],
  [batch, , height, width]: Shape,
  weightShape: Shape,
  stride: Pair,
  [vertical, horizontal]: Phases,
): string {
  const block = emit.block!;
  const outputs = weightShape[1]!;
  const blocks = (batch! * outputs) / block;
  const reordered = toBlocked(emit, y);
  const activated = activation(emit);
  const phase = (v: Phase, h: Phase): string => {
    const taps = emit.slice(w, [v.last, h.last], [-1024, -1024], [2, 3], [-stride[0], -stride[1]]);
    const filter = blockedFilter(emit, taps, [...weightShape.slice(0, 2), v.taps, h.taps], true);
    const attributes = { ...window([v.taps, h.taps], [1, 1], [v.before, h.before, v.after, h.after]), ...activated };
    return emit.node("Conv", withBias([reordered, filter], bias), attributes, BLOCKED);
  };
  const rows = vertical.map((v) => {
    const columns = horizontal.map((h) => emit.reshape(phase(v, h), [blocks * height! * width!, block]));
    return emit.reshape(emit.node("Concat", columns, { axis: 1 }), [blocks * height!, width! * stride[1] * block]);
  });
  const image = emit.node("Concat", rows, { axis: 1 });
  const shaped = emit.reshape(image, [batch!, outputs, height! * stride[0], width! * stride[1]]);
  return fromBlocked(emit, shaped, outputs);
}

/** The kernel's rows and columns in reverse. */
export const flip = (emit: Emitter, w: string): string => emit.slice(w, [-1, -1], [-1024, -1024], [2, 3], [-1, -1]);
