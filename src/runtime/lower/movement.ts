/** Movement, reductions, indexing. */
import * as g from "../../graph/internal.js";
import { type Emitter, type RuleEntry, rule } from "./emitter.js";

/** Axes are an attribute of all reductions but ReduceSum until opset 18. */
const reduceWith =
  (op: string) =>
  (emit: Emitter, [x]: readonly string[], { axes, keepDims }: g.ReduceAttrs) =>
    emit.node(op, [x!], { axes, keepdims: Number(keepDims) });

export const movementRules: readonly RuleEntry[] = [
  rule(g.reshapePrimitive, (emit, [x], { shape }) => emit.reshape(x!, shape)),
  rule(g.transposePrimitive, (emit, [x], { permutation }) => emit.transpose(x!, permutation)),
  rule(g.broadcastPrimitive, (emit, [x], { shape }) => emit.node("Expand", [x!, emit.ints(shape)])),
  rule(g.slicePrimitive, (emit, [x], { starts, sizes, strides }, node) => {
    const from = node.inputs[0]!.shape;
    const axes = [...from.keys()].filter((i) => sizes[i] !== from[i]);
    const ends = axes.map((i) => starts[i]! + (sizes[i]! - 1) * strides[i]! + 1);
    return emit.slice(
      x!,
      axes.map((i) => starts[i]!),
      ends,
      axes,
      axes.map((i) => strides[i]!),
    );
  }),
  rule(g.placePrimitive, (emit, [x], attrs, node) => place(emit, x!, node.inputs[0]!.shape, attrs)),
  rule(g.flipPrimitive, (emit, [x], { axes }) => {
    const all = (value: number) => axes.map(() => value);
    return emit.slice(x!, all(-1), all(-(2 ** 31)), axes, all(-1));
  }),
  rule(g.concatPrimitive, (emit, inputs, { axis }) => emit.node("Concat", inputs, { axis })),
  rule(g.sumPrimitive, (emit, [x], { axes, keepDims }) =>
    emit.node("ReduceSum", [x!, emit.ints(axes)], { keepdims: Number(keepDims) }),
  ),
  rule(g.maxPrimitive, reduceWith("ReduceMax")),
  rule(g.logsumexpPrimitive, (emit, [x], attrs) =>
    emit.card || emit.standardOnly ? logsumexp(emit, x!, attrs) : reduceWith("ReduceLogSumExp")(emit, [x!], attrs),
  ),
  rule(g.softmaxPrimitive, (emit, [x], { axis }) => emit.node("Softmax", [x!], { axis })),
  rule(g.logSoftmaxPrimitive, (emit, [x], { axis }) => {
    if (!emit.card) return emit.node("LogSoftmax", [x!], { axis });
    const over = { axes: [axis], keepdims: 1 };
    const below = emit.node("Sub", [x!, emit.node("ReduceMax", [x!], over)]);
    const sum = emit.node("ReduceSum", [emit.node("Exp", [below]), emit.ints([axis])], { keepdims: 1 });
    return emit.node("Sub", [below, emit.node("Log", [sum])]);
  }),
  rule(g.argmaxPrimitive, (emit, [x], { axis }) => emit.cast(emit.node("ArgMax", [x!], { axis, keepdims: 0 }), "i32")),
  rule(g.gatherPrimitive, (emit, [x, indices]) => emit.node("Gather", [x!, indices!], { axis: 0 })),
  rule(g.scatterAddPrimitive, (emit, [values, indices], _, node) => {
    const { shape, dtype } = node;
    const scalar = dtype === "f32" ? emit.scalar(0) : emit.store(dtype, [], Int32Array.of(0), "zero");
    const zeros = emit.node("Expand", [scalar, emit.ints(shape)]);
    const at = emit.cast(emit.node("Unsqueeze", [indices!, emit.ints([-1])]), "i64");
    return emit.node("ScatterND", [zeros, at, values!], { reduction: "add" });
  }),
];

/** Largest finite number of single precision. */
const LARGEST = 3.4028234e38;

/**
 * ONNX Runtime's CPU takes the largest number out before ReduceLogSumExp's exponentials; its WebGPU, and ONNX's own reference, do not: from 89 on
 * they say infinity. Infinities remain what they are.
 */
function logsumexp(emit: Emitter, x: string, { axes, keepDims }: g.ReduceAttrs): string {
  const largest = emit.node("ReduceMax", [x], { axes, keepdims: 1 });
  const top = emit.node("Clip", [largest, emit.scalar(-LARGEST), emit.scalar(LARGEST)]);
  const terms = emit.node("Exp", [emit.node("Sub", [x, top])]);
  const sum = emit.node("ReduceSum", [terms, emit.ints(axes)], { keepdims: 1 });
  const result = emit.node("Add", [emit.node("Log", [sum]), top]);
  return keepDims ? result : emit.node("Squeeze", [result, emit.ints(axes)]);
}

/**
 * ONNX pads but does not dilate: zeros between elements come from padding a new axis behind each strided one, then
 * merging the two.
 */
function place(emit: Emitter, x: string, from: g.Shape, { shape, starts, strides }: g.PlaceAttrs): string {
  const dilated = from.map((d, i) => (d - 1) * strides[i]! + 1);
  let y = x;
  if (strides.some((s, i) => s !== 1 && from[i] !== 1)) {
    const spread = from.flatMap((d) => [d, 1]);
    const widths = from.flatMap((_, i) => [0, strides[i]! - 1]);
    y = emit.pad(
      emit.reshape(y, spread),
      widths.map(() => 0),
      widths,
    );
    y = emit.reshape(
      y,
      from.map((d, i) => d * strides[i]!),
    );
    // The zeros behind the last element stay where the target has room for them, and are cut off otherwise.
    const axes = [...from.keys()].filter((i) => starts[i]! + from[i]! * strides[i]! > shape[i]!);
    if (axes.length > 0) {
      y = emit.slice(
        y,
        axes.map(() => 0),
        axes.map((i) => dilated[i]!),
        axes,
        axes.map(() => 1),
      );
    }
    from.forEach((d, i) => {
      if (!axes.includes(i)) dilated[i] = d * strides[i]!;
    });
  }
  return emit.pad(
    y,
    starts,
    shape.map((d, i) => d - starts[i]! - dilated[i]!),
  );
}
