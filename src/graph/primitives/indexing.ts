/**
 * Reading and writing by index. `gather` along the first axis and `scatterAdd` into it are transposes of one another.
 * Indices are i32 and must lie in range.
 */
import { normalizeAxis, type Shape, ShapeError } from "../shape.js";
import { apply, constant, type Primitive, type Tensor } from "../tensor.js";
import { cast, equal } from "./elementwise.js";
import { expandDims, transpose } from "./movement.js";

function checkIndices(name: string, indices: Tensor): void {
  if (indices.dtype !== "i32") throw new ShapeError(name, `indices must be i32, got ${indices}`);
}

/** Inputs: x `[N, …rest]` and indices `[…I]`; the result is `[…I, …rest]`. */
export const gatherPrimitive: Primitive<Record<string, never>> = {
  name: "gather",
  infer: ([x, indices]) => ({ shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }),
  vjp: (ct, _, [x, indices]) => [scatterAdd(ct, indices!, x!.shape[0]!), null],
};

/** The slices of `x` at `indices` along `axis`; the axes of `indices` take the place of that axis. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  checkIndices("gather", indices);
  const at = normalizeAxis("gather", axis, x.shape);
  const order = [...x.shape.keys()];
  const front = transpose(x, [at, ...order.filter((i) => i !== at)]);
  const y = apply(gatherPrimitive, [front, indices], {});
  const r = indices.rank;
  const axesOfX = (i: number) => r + (i < at ? i : i - 1);
  const back = order.flatMap((i) => (i === at ? indices.shape.map((_, j) => j) : [axesOfX(i)]));
  return transpose(y, back);
}

/** Inputs: values `[…I, …rest]` and indices `[…I]`; the result is `[size, …rest]`. */
export const scatterAddPrimitive: Primitive<{ size: number }> = {
  name: "scatterAdd",
  infer: ([values, indices], { size }) => {
    if (values!.dtype === "bool") throw new ShapeError("scatterAdd", `expects f32 or i32, got ${values}`);
    const lead: Shape = values!.shape.slice(0, indices!.rank);
    if (lead.join() !== indices!.shape.join())
      throw new ShapeError("scatterAdd", `${values} does not start with the shape of ${indices}`);
    return { shape: [size, ...values!.shape.slice(indices!.rank)], dtype: values!.dtype };
  },
  vjp: (ct, _, [, indices]) => [gather(ct, indices!), null],
};

/** Zeros `[size, …]` with the values added at their indices; equal indices add up. */
export function scatterAdd(values: Tensor, indices: Tensor, size: number): Tensor {
  checkIndices("scatterAdd", indices);
  return apply(scatterAddPrimitive, [values, indices], { size });
}

/** 0, 1, …, n - 1 (i32). */
export const arange = (n: number): Tensor => constant(Int32Array.from({ length: n }, (_, i) => i));

/** Indices `[…]` as rows of the identity, `[…, depth]` f32. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  checkIndices("oneHot", indices);
  return cast(equal(expandDims(indices, -1), arange(depth)), "f32");
}
