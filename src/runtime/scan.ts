/**
 * compileScan(step): several iterations of a step in one call.
 *
 * Calling a model costs some microseconds per input and output, and ONNX Runtime copies every output. Where a step is small,
 * or its state large, that is most of the time. Here the iterations run inside the model (ONNX's Scan operator): the
 * state stays there, and comes out once. Engines that compute on a graphics card run them one by one instead (loop.ts).
 */
import type { TensorTree } from "../graph/grad.js";
import { isTensor } from "../graph/grad.js";
import { ShapeError, sameShape, show } from "../graph/shape.js";
import type { TensorType } from "../graph/tensor.js";
import { leaves } from "../graph/tree.js";
import { type Built, type Compiled, type CompileOptions, compiled, type NamedArgs, one, trace } from "./compile.js";
import { type LowerOptions, lower } from "./lower/index.js";
import type { OnnxModel, ValueInfo } from "./onnx.js";

/** One iteration: from the state and this iteration's inputs to the next state and this iteration's results. */
export type ScanStep<S, X, C, Y> = (state: S, x: X, constants: C) => [state: S, y: Y];

/**
 * Compiles `(state, xs, constants) → [state, ys]`: the step applied along the leading axis of every leaf of `xs`; `ys` are the
 * results stacked along a new leading axis. `constants` are the same in all iterations. As `jax.lax.scan`.
 * @throws ShapeError where the step changes the state's structure, shapes or types, or `xs` differ in length.
 */
export function compileScan<S extends TensorTree, X extends TensorTree, C extends TensorTree, Y extends TensorTree>(
  step: ScanStep<S, X, C, Y>,
  { name = step.name || "step", engine }: Omit<CompileOptions, "argNames"> = {},
): Compiled<readonly [S, X, C], [S, Y]> {
  return compiled(
    (args, options) => build(name, step as (...args: never[]) => TensorTree, args, options),
    ["state", "xs", "constants"],
    engine,
  );
}

/** Values inside the loop are named after those outside. */
const inner = (path: string) => `each.${path}`;

function build(name: string, step: (...args: never[]) => TensorTree, args: NamedArgs, options?: LowerOptions): Built {
  const lengths = new Set<number>();
  const perIteration = ({ shape, dtype }: TensorType, arg: string): TensorType => {
    if (arg !== inner("xs")) return { shape, dtype };
    if (shape.length === 0)
      throw new ShapeError(name, "every leaf of xs needs a leading axis: one entry per iteration");
    lengths.add(shape[0]!);
    return { shape: shape.slice(1), dtype };
  };
  const renamed = args.map(([arg, value]) => [arg === "constants" ? arg : inner(arg), value] as const);
  const { graph, result } = trace(name, step, renamed, inner("out"), perIteration);
  if (lengths.size !== 1)
    throw new ShapeError(name, `the leaves of xs have different lengths: ${[...lengths].join(", ")}`);
  const length = Math.max(...lengths); // the only one

  const body = lower(graph, options);
  const states = body.inputs.filter((v) => v.name.startsWith(inner("state")));
  const slices = body.inputs.filter((v) => v.name.startsWith(inner("xs")));
  const constants = body.inputs.filter((v) => v.name.startsWith("constants"));
  checkState(name, states, leaves((result as readonly TensorTree[])[0], isTensor, inner("out.0")));

  const outside = (v: ValueInfo): ValueInfo => ({ ...v, name: v.name.slice(inner("").length) });
  const stacked = (v: ValueInfo): ValueInfo => ({ ...outside(v), shape: [length, ...v.shape] });
  const model: OnnxModel = {
    name,
    opsets: body.opsets,
    initializers: [],
    inputs: [...states.map(outside), ...slices.map(stacked), ...constants],
    outputs: body.outputs.map((v, i) => (i < states.length ? outside(v) : stacked(v))),
    nodes: [
      {
        name: "Scan",
        op: "Scan",
        domain: "",
        inputs: [...states, ...slices].map((v) => outside(v).name),
        outputs: body.outputs.map((v) => outside(v).name),
        attributes: { num_scan_inputs: slices.length, body: { graph: { ...body, inputs: [...states, ...slices] } } },
      },
    ],
  };
  const carried = new Map(states.map((v, i) => [body.outputs[i]!.name, v.name]));
  return { ...one(model, result), loop: { body, carried, prefix: inner("") } };
}

function checkState(name: string, before: readonly ValueInfo[], after: readonly [string, TensorType][]): void {
  const key = (path: string, prefix: string) => path.slice(prefix.length);
  if (before.length !== after.length) {
    throw new ShapeError(name, `the state has ${before.length} leaves before a step and ${after.length} after it`);
  }
  before.forEach((v, i) => {
    const [path, type] = after[i]!;
    const same = key(v.name, inner("state")) === key(path, inner("out.0")) && v.dtype === type.dtype;
    if (!same || !sameShape(v.shape as number[], type.shape)) {
      const from = `${outsideName(v.name)} ${v.dtype}${show(v.shape as number[])}`;
      throw new ShapeError(name, `a step turns ${from} into ${outsideName(path)} ${type.dtype}${show(type.shape)}`);
    }
  });
}
const outsideName = (path: string) => path.slice(inner("").length);
