/**
 * Symbolic tensors: the nodes of a graph.
 *
 * A tensor owns no memory. It records which primitive made it, from which tensors and with which attributes; its shape
 * and type are known when it is made. Nothing is computed until a function is compiled (`runtime/compile.ts`).
 */
import { currentScope } from "./scope.js";
import { type Shape, ShapeError, show, sizeOf } from "./shape.js";

/** Element types: 32-bit floats, 32-bit integers, booleans. */
export type DType = "f32" | "i32" | "bool";

/** Host data of a constant, in the element type's array (booleans as bytes). */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** What a primitive makes of its inputs. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * An operation that the engine knows: a name, a shape rule and a derivative rule, both in terms of primitives again.
 * `A` is the type of its attributes: plain data, compared by value when equal nodes are merged.
 */
export interface Primitive<A = unknown> {
  readonly name: string;
  /** Shape and type of the result. @throws ShapeError */
  infer(inputs: readonly Tensor[], attrs: A): TensorType;
  /**
   * Vector-Jacobian product: the cotangent of each input (null where it is zero or has none), given the cotangent
   * of the output. Absent where the operation has no derivative (integers, comparisons).
   */
  vjp?(cotangent: Tensor, output: Tensor, inputs: readonly Tensor[], attrs: A): readonly (Tensor | null)[];
}

let nextId = 0;

/** A node of the graph. Made by the functions of this folder, never by hand. */
export class Tensor implements TensorType {
  /** Unique and increasing: inputs have smaller ids than what is made from them. */
  readonly id = nextId++;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Where in the model it was made, `generator/1/conv`: for names in the ONNX file. */
  readonly scope = currentScope();

  constructor(
    readonly primitive: Primitive,
    readonly inputs: readonly Tensor[],
    readonly attrs: unknown,
    type: TensorType,
  ) {
    this.shape = type.shape;
    this.dtype = type.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  toString(): string {
    return `Tensor(${this.primitive.name}, ${this.dtype}${show(this.shape)})`;
  }
}

/** Applies a primitive: infers the result's type and makes the node. */
export function apply<A>(primitive: Primitive<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  return new Tensor(primitive as Primitive, inputs, attrs, primitive.infer(inputs, attrs));
}

/** Attributes of an {@link inputPrimitive} node. */
export interface InputAttrs {
  readonly name: string;
  readonly type: TensorType;
}

/** A value given at each call. Two inputs are never the same, so they are told apart by `name`. */
export const inputPrimitive: Primitive<InputAttrs> = {
  name: "input",
  infer: (_, { type }) => type,
};

export interface ConstantAttrs {
  readonly data: TypedArray;
  readonly type: TensorType;
}

export const constantPrimitive: Primitive<ConstantAttrs> = {
  name: "constant",
  infer: (_, { type }) => type,
};

/** A symbolic input of a graph. */
export const input = (name: string, type: TensorType): Tensor => apply(inputPrimitive, [], { name, type });

/** A constant from a number, a boolean, or nested lists of numbers flattened to `values` with a `shape`. */
export function constant(values: number | boolean | ArrayLike<number>, shape?: Shape, dtype?: DType): Tensor {
  const type = dtype ?? (typeof values === "boolean" ? "bool" : values instanceof Int32Array ? "i32" : "f32");
  const list = typeof values === "number" ? [values] : typeof values === "boolean" ? [Number(values)] : values;
  const dims = shape ?? (typeof values === "object" ? [values.length] : []);
  if (sizeOf(dims) !== list.length) {
    throw new ShapeError("constant", `${list.length} values do not fill shape ${show(dims)}`);
  }
  if (type === "i32" && !Array.prototype.every.call(list, Number.isInteger)) {
    throw new ShapeError("constant", `a value of ${show(Array.from(list))} is not an integer, but the type is i32`);
  }
  const data =
    type === "f32" ? Float32Array.from(list) : type === "i32" ? Int32Array.from(list) : Uint8Array.from(list);
  return apply(constantPrimitive, [], { data, type: { shape: dims, dtype: type } });
}

/** Anything a graph function takes where a tensor is expected: a number stands for a scalar constant. */
export type TensorLike = Tensor | number;

/** A tensor from a tensor or number. Numbers take the type `dtype`. */
export const asTensor = (x: TensorLike, dtype: DType = "f32"): Tensor =>
  x instanceof Tensor ? x : constant(x, [], dtype);

/** The single value of a scalar (one-element) constant, or undefined for any other tensor. */
export function scalarValue(x: Tensor): number | undefined {
  if (x.primitive !== (constantPrimitive as Primitive) || x.size !== 1) return undefined;
  return (x.attrs as ConstantAttrs).data[0];
}
