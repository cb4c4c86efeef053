/** Whether what was read back belongs together: a model is traced with it, which takes no memory and runs nothing. */
import type { EnergyModel } from "../ebm/index.js";
import { input, mapTree, ShapeError, type Tensor } from "../graph/index.js";
import { sameShape } from "../graph/shape.js";
import type { Dict, Variables } from "../nn/index.js";
import { isArray, type NdArray } from "../runtime/index.js";

/** Arrays as inputs of a graph: their shapes and types alone count. */
export const asInputs = <T>(tree: unknown): T =>
  mapTree<unknown, NdArray, Tensor>(tree, isArray, ({ shape, dtype }, path) => input(path, { shape, dtype })) as T;

const ROWS = 2;

/** Inputs of two examples `[2, …event]`. */
export const examples = (event: readonly number[]): Tensor => input("x", { shape: [ROWS, ...event], dtype: "f32" });

/** @throws ShapeError, TypeError where the model cannot evaluate examples of this shape with these variables */
export function tryOut(model: EnergyModel, { params, state }: Variables<NdArray>, event: readonly number[]): void {
  const variables = { params: asInputs<Dict<Tensor>>(params), state: asInputs<Dict<Tensor>>(state) };
  const { logDensity, logits } = model.evaluate(variables, examples(event), { mode: "eval" });
  expectShape(logDensity, [ROWS]);
  if (logits !== null) expectShape(logits, [ROWS, model.classes!]);
}

/** @throws ShapeError */
export function expectShape({ shape }: Tensor, expected: readonly number[]): void {
  if (!sameShape(shape, expected)) throw new ShapeError("evaluate", `gives [${shape}] where [${expected}] is expected`);
}

/** Runs what builds a graph. @throws what `refuse` makes of what does not fit */
export function fitting<T>(build: () => T, refuse: (cause: Error) => Error): T {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof ShapeError || cause instanceof TypeError) throw refuse(cause);
    throw cause;
  }
}
