/** Collects the nodes and stored tensors of an ONNX model while a graph is lowered. */
import type { Primitive, Tensor } from "../../graph/tensor.js";
import { type Attribute, ELEMENT_TYPE, type Initializer, type OnnxNode } from "../onnx.js";

/** Operators of this domain are ONNX Runtime's own; models for other runtimes do without. */
export const CONTRIB = "com.microsoft";

export interface LowerOptions {
  /** Use standard operators only, so that any ONNX runtime can run the model. Default false. */
  readonly standardOnly?: boolean;
  /** Channels per block of the engine's blocked convolutions, if it has them (`blocked.ts`). */
  readonly block?: number | undefined;
  /** For a graphics card by WebGPU: only operators that have a kernel there, and few of them. Default false. */
  readonly card?: boolean;
}

/** Writes the ONNX nodes of one graph node, given its inputs' ONNX names; returns the name of the result. */
export type Rule<A> = (emit: Emitter, inputs: readonly string[], attrs: A, node: Tensor) => string;

/** A primitive with its lowering rule. */
export type RuleEntry = readonly [Primitive, Rule<unknown>];

/** Pairs a primitive with a rule that takes its attributes. */
export const rule = <A>(primitive: Primitive<A>, lower: Rule<A>): RuleEntry => [
  primitive as Primitive,
  lower as Rule<unknown>,
];

/** A rule for primitives that ONNX has as they are. */
export const direct = <A>(primitive: Primitive<A>, op: string): RuleEntry =>
  rule(primitive, (emit, inputs) => emit.node(op, inputs));

export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly standardOnly: boolean;
  readonly block: number | undefined;
  readonly card: boolean;
  private readonly taken = new Map<string, number>();
  private readonly stored = new Map<string, string>();
  private readonly delayed = new Map<string, OnnxNode>();
  private prefix = "";
  /** Names of values in the blocked layout (`blocked.ts`), by the names that they have in plain layout. */
  readonly blocked = new Map<string, string>();
  /** The only user of the node being lowered, where it has one only. A rule that does its work, too, says so by `absorbed`. */
  follower: Tensor | undefined;
  absorbed = false;

  constructor({ standardOnly = false, block, card = false }: LowerOptions = {}) {
    this.card = card;
    this.standardOnly = standardOnly;
    this.block = standardOnly ? undefined : block;
  }

  /** Nodes emitted from here on are named after this graph node. */
  enter(node: Tensor, follower?: Tensor): void {
    this.prefix = node.scope === "" ? "" : `${node.scope}/`;
    this.follower = follower;
    this.absorbed = false;
  }

  /** Emits one operator with one output; returns the output's name, which is also the node's. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): string {
    const name = this.unique(`${this.prefix}${op}`);
    for (const x of inputs) this.demand(x);
    this.nodes.push({ name, op, domain, inputs, outputs: [name], attributes });
    return name;
  }

  /** The same, but only when the result is first asked for, if ever. */
  later(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
  ): string {
    const name = this.unique(`${this.prefix}${op}`);
    this.delayed.set(name, { name, op, domain, inputs, outputs: [name], attributes });
    return name;
  }

  /** Makes sure that a value is there. */
  demand(name: string): void {
    const node = this.delayed.get(name);
    if (node === undefined) return;
    this.delayed.delete(name);
    this.nodes.push(node);
  }

  /** A stored list of 64-bit integers, as shapes, axes and pads are given. */
  ints(values: readonly number[]): string {
    return this.store("i64", [values.length], BigInt64Array.from(values, BigInt), `ints_${values.join("_")}`);
  }

  /** A stored scalar. */
  scalar(value: number): string {
    return this.store("f32", [], Float32Array.of(value), `scalar_${value}`);
  }

  /** Stores a tensor once per content. */
  store(dtype: Initializer["dtype"], shape: readonly number[], data: ArrayBufferView, hint: string): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = bytes.length <= 256 ? `${dtype}:${shape}:${bytes}` : undefined;
    const known = key === undefined ? undefined : this.stored.get(key);
    if (known !== undefined) return known;
    const name = this.unique(hint);
    this.initializers.push({ name, dtype, shape, bytes });
    if (key !== undefined) this.stored.set(key, name);
    return name;
  }

  cast(x: string, dtype: Initializer["dtype"]): string {
    return this.node("Cast", [x], { to: ELEMENT_TYPE[dtype] });
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.node("Reshape", [x, this.ints(shape)]);
  }

  transpose(x: string, perm: readonly number[]): string {
    return this.node("Transpose", [x], { perm });
  }

  /** Elements `start, start + step, …` below `end` along the given axes. */
  slice(
    x: string,
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps: readonly number[],
  ): string {
    return this.node("Slice", [x, this.ints(starts), this.ints(ends), this.ints(axes), this.ints(steps)]);
  }

  /** Zeros added before and after along each axis. */
  pad(x: string, before: readonly number[], after: readonly number[]): string {
    if ([...before, ...after].every((n) => n === 0)) return x;
    return this.node("Pad", [x, this.ints([...before, ...after])]);
  }

  /** A name not given before. */
  unique(hint: string): string {
    let n = this.taken.get(hint) ?? 0;
    let name = n === 0 ? hint : `${hint}_${n}`;
    while (this.taken.has(name)) name = `${hint}_${++n}`; // the name itself may have been someone's hint
    this.taken.set(hint, n + 1);
    if (name !== hint) this.taken.set(name, 1);
    return name;
  }
}
