/** Convolutions, their two derivatives, and pooling. What is chosen when was measured: docs/architecture.md. */
import * as g from "../../graph/internal.js";
import { blockedConv, blockedConvTranspose, phasesOf, prefersBlocked } from "./blocked.js";
import type { Emitter, RuleEntry } from "./emitter.js";
import { rule } from "./emitter.js";
import { convByPlaces, prefersPlaces } from "./places.js";
import { product } from "./product.js";

const window = (kernel: readonly number[], { stride, padding }: g.ConvAttrs) => ({
  kernel_shape: kernel,
  strides: stride,
  pads: [...padding, ...padding],
});

export const convRules: readonly RuleEntry[] = [
  rule(g.convPrimitive, (emit, [x, w, bias], attrs, { shape, inputs: [from, weights] }) => {
    const kernel = g.pairOf(weights!.shape.slice(2));
    const operands: [string, string, string?] = bias === undefined ? [x!, w!] : [x!, w!, bias];
    if (prefersPlaces(emit, weights!.shape, shape.slice(2))) {
      const geometry = { ...attrs, from: from!.shape, to: shape, weights: weights!.shape, transposed: false };
      return convByPlaces(emit, operands, geometry);
    }
    if (prefersBlocked(emit, weights!.shape.slice(0, 2), shape[3]!))
      return blockedConv(emit, operands, weights!.shape, attrs);
    return emit.node("Conv", operands as string[], window(kernel, attrs));
  }),

  rule(g.convInputPrimitive, (emit, [y, w, bias], attrs, { shape, inputs: [from, weights] }) => {
    const { stride, padding, size } = attrs;
    const operands: [string, string, string?] = bias === undefined ? [y!, w!] : [y!, w!, bias];
    const kernel = g.pairOf(weights!.shape.slice(2));
    const reach = g.pairOf([0, 1].map((i) => kernel[i]! - 1 - padding[i]!));
    const plain = stride.every((s) => s === 1) && reach.every((r) => r >= 0);
    if (plain && prefersBlocked(emit, weights!.shape.slice(0, 2), shape[3]!)) {
      return blockedConv(emit, operands, weights!.shape, { stride, padding: reach, transposed: true });
    }
    if (prefersPlaces(emit, weights!.shape, from!.shape.slice(2))) {
      const geometry = { ...attrs, from: from!.shape, to: shape, weights: weights!.shape, transposed: true };
      return convByPlaces(emit, operands, geometry);
    }
    const phases = phasesOf(attrs, kernel, g.pairOf(from!.shape.slice(2)));
    if (phases !== null && prefersBlocked(emit, weights!.shape.slice(0, 2), from!.shape[3]!)) {
      return blockedConvTranspose(emit, operands, from!.shape, weights!.shape, stride, phases);
    }
    const rest = [0, 1].map((i) => size[i]! - ((from!.shape[2 + i]! - 1) * stride[i]! - 2 * padding[i]! + kernel[i]!));
    const x = emit.node("ConvTranspose", [y!, w!], { ...window(kernel, attrs), output_padding: rest });
    // Apart: measured faster than as an input of ConvTranspose.
    return bias === undefined ? x : emit.node("Add", [x, emit.reshape(bias, [shape[1]!, 1, 1])]);
  }),

  rule(g.convFilterPrimitive, (emit, [x, y], attrs, { inputs: [from, to] }) => {
    const geometry = { ...attrs, from: from!.shape, to: to!.shape };
    const taps = attrs.kernel[0] * attrs.kernel[1];
    const swapped = taps > 1 && (taps >= 16 || from!.shape[1]! < 16);
    return swapped ? filterBySwapping(emit, x!, y!, geometry) : filterByTaps(emit, x!, y!, geometry);
  }),

  rule(g.avgPoolPrimitive, (emit, [x], { kernel }) =>
    emit.node("AveragePool", [x!], { kernel_shape: kernel, strides: kernel }),
  ),
  rule(g.maxPoolPrimitive, (emit, [x], { kernel, stride }) =>
    emit.node("MaxPool", [x!], { kernel_shape: kernel, strides: stride }),
  ),
  rule(g.upsamplePrimitive, (emit, [x], { kernel: [kh, kw] }) => {
    const scales = emit.store("f32", [4], Float32Array.of(1, 1, kh, kw), "scales");
    const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    return emit.node("Resize", [x!, "", scales], attributes);
  }),
];

/** A convolution from `from` `[B, I, H, W]` to `to` `[B, O, h, w]` by kernels `[O, I, kh, kw]`. */
type FilterGeometry = g.ConvAttrs & { kernel: g.Pair; from: g.Shape; to: g.Shape };

/**
 * Σ over the batch and places of y times x shifted by each tap of the kernel: one slice of the padded input per tap and one
 * batched product with y. Best for kernels with few taps.
 */
function filterByTaps(
  emit: Emitter,
  x: string,
  y: string,
  { stride, padding, kernel, from, to }: FilterGeometry,
): string {
  const [batch, inputs] = from as [number, number];
  const [, outputs, height, width] = to as [number, number, number, number];
  const places = height * width;
  const padded = emit.pad(x, [0, 0, ...padding], [0, 0, ...padding]);
  const rows = emit.reshape(y, [batch, outputs, places]);
  const taps: string[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const ends = [i + (height - 1) * stride[0] + 1, j + (width - 1) * stride[1] + 1];
      const tap = emit.reshape(emit.slice(padded, [i, j], ends, [2, 3], stride), [batch, inputs, places]);
      if (emit.card) {
        taps.push(tap);
        continue;
      }
      const each = product(emit, [rows, tap], [3, 3], { transB: true });
      taps.push(emit.reshape(emit.node("ReduceSum", [each, emit.ints([0])], { keepdims: 0 }), [outputs, inputs, 1]));
    }
  }
  if (emit.card) {
    // One product for all taps: on a card it is the number of operators that costs.
    const columns = emit.node("Concat", taps, { axis: 1 });
    const each = product(emit, [rows, columns], [3, 3], { transB: true });
    const sums = emit.node("ReduceSum", [each, emit.ints([0])], { keepdims: 0 });
    const byTap = emit.reshape(sums, [outputs, kernel[0] * kernel[1], inputs]);
    return emit.reshape(emit.transpose(byTap, [0, 2, 1]), [outputs, inputs, ...kernel]);
  }
  const stacked = taps.length === 1 ? taps[0]! : emit.node("Concat", taps, { axis: 2 });
  return emit.reshape(stacked, [outputs, inputs, ...kernel]);
}

/**
 * The same sum as a convolution with batch and channels swapped: x `[I, B, H, W]` by y `[O, B, h, w]`, dilated by the stride.
 * Best for kernels with many taps, and for few input channels.
 */
function filterBySwapping(
  emit: Emitter,
  x: string,
  y: string,
  { stride, padding, kernel, from, to }: FilterGeometry,
): string {
  const [, , height, width] = from as [number, number, number, number];
  const swap = [1, 0, 2, 3];
  const sizes = g.pairOf(to.slice(2));
  const sums = emit.node("Conv", [emit.transpose(x, swap), emit.transpose(y, swap)], {
    kernel_shape: sizes,
    dilations: stride,
    pads: [...padding, ...padding],
  });
  // Where the stride does not divide the input, the convolution has places beyond the kernel.
  const extent = [height, width].map((d, i) => d + 2 * padding[i]! - (sizes[i]! - 1) * stride[i]!);
  const whole = extent.every((d, i) => d === kernel[i]);
  const filter = whole ? sums : emit.slice(sums, [0, 0], kernel, [2, 3], [1, 1]);
  return emit.transpose(filter, swap);
}
