/** Values outside a graph: a typed array with a shape. */
import { type Shape, ShapeError, show, sizeOf } from "../graph/shape.js";
import type { DType, TypedArray } from "../graph/tensor.js";
import { mapTree, type Tree } from "../graph/tree.js";
import { isOutlining, room } from "./outline.js";

/** A dense row-major array. Booleans are bytes 0 and 1. Treat it as immutable: compiled functions do. */
export class NdArray {
  /** @throws ShapeError where the number of elements is not the shape's. */
  constructor(
    readonly data: TypedArray,
    readonly shape: Shape,
    readonly dtype: DType = data instanceof Float32Array ? "f32" : data instanceof Int32Array ? "i32" : "bool",
  ) {
    if (data.length !== sizeOf(shape) && !isOutlining())
      throw new ShapeError("NdArray", `${data.length} elements do not fill shape ${show(shape)}`);
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The value of an array of one element. @throws ShapeError for any other size. */
  item(): number {
    if (this.size !== 1) throw new ShapeError("item", `the array has shape ${show(this.shape)}`);
    return this.data[0]!;
  }
}

/** A tree of arrays: parameters, optimiser state, batches. */
export type ArrayTree = Tree<NdArray>;

export const isArray = (value: unknown): value is NdArray => value instanceof NdArray;

/** A float array: `array([1, 2, 3])`, `array([[1, 2], [3, 4]])`, or flat data with a shape. */
export function array(values: NestedNumbers | ArrayLike<number>, shape?: Shape): NdArray {
  if (shape !== undefined) return new NdArray(Float32Array.from(values as ArrayLike<number>), shape);
  const dims: number[] = [];
  for (
    let v: unknown = values;
    typeof v === "object" && v !== null && "length" in v;
    v = (v as ArrayLike<unknown>)[0]
  ) {
    dims.push((v as ArrayLike<unknown>).length);
  }
  const flat =
    typeof values === "number"
      ? [values]
      : Array.isArray(values)
        ? (values as unknown[]).flat(Number.POSITIVE_INFINITY)
        : values;
  return new NdArray(Float32Array.from(flat as ArrayLike<number>), dims);
}
export type NestedNumbers = number | readonly NestedNumbers[];

/** Zeros: a float array. */
export const zeros = (shape: Shape): NdArray => new NdArray(room(shape), shape);

/** A float array of one repeated value. */
export const full = (shape: Shape, value: number): NdArray => new NdArray(room(shape).fill(value), shape);

/** Integers: an i32 array, flat unless a shape is given. */
export const integers = (values: ArrayLike<number>, shape: Shape = [values.length]): NdArray =>
  new NdArray(Int32Array.from(values), shape);

/** A tree of zeros shaped like another. */
export const zerosTree = <T extends ArrayTree>(tree: T): T =>
  mapTree<unknown, NdArray, NdArray>(tree, isArray, (x) => zeros(x.shape)) as T;
