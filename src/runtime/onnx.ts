/**
 * Writing ONNX models: the few messages of `onnx.proto` that a graph of this project needs.
 *
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Only encoding is done here: what
 * goes into a model is decided by the lowering.
 */
import protobuf from "protobufjs/minimal.js";
import type { DType } from "../graph/tensor.js";

const { Writer } = protobuf;
type Writer = protobuf.Writer;

/** Element types by their number in `TensorProto.DataType`. */
export const ELEMENT_TYPE = { f32: 1, i32: 6, i64: 7, string: 8, bool: 9, f64: 11 } as const;
export type ElementType = DType | "i64" | "f64" | "string";

/** A tensor of numbers stored in the model. Strings are the attribute of a `Constant`. */
export interface Initializer {
  readonly name: string;
  readonly dtype: Exclude<ElementType, "string">;
  readonly shape: readonly number[];
  /** Little-endian bytes of the elements, row-major. */
  readonly bytes: Uint8Array;
}

/** A value that enters or leaves the model. A string dimension is symbolic: it may differ from call to call. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly (number | string)[];
}

/** Numbers are written as integers when `Number.isInteger` holds; wrap floats in {@link float}. */
export type Attribute = number | Float | string | readonly number[] | Floats | Strings | Subgraph;

/** A floating-point attribute (ONNX tells `int` from `float`, JavaScript does not). */
export interface Float {
  readonly float: number;
}
export const float = (value: number): Float => ({ float: value });

/** A list of floating-point numbers. */
export interface Floats {
  readonly floats: readonly number[];
}
export const floats = (values: readonly number[]): Floats => ({ floats: values });

/** A list of texts. */
export interface Strings {
  readonly strings: readonly string[];
}
export const strings = (values: readonly string[]): Strings => ({ strings: values });

/** A graph that the operator runs itself, as the body of a loop. */
export interface Subgraph {
  readonly graph: OnnxModel;
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Empty for the standard operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxModel {
  readonly name: string;
  /** Version of each operator set, by domain; the standard one is "". */
  readonly opsets: Readonly<Record<string, number>>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Encodes a `ModelProto` (IR version 8, which goes with opsets 16 to 18). */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const w = Writer.create();
  w.uint32(8).int64(8); // ir_version
  w.uint32(18).string("vera"); // producer_name
  message(w, 7, () => writeGraph(w, model));
  for (const [domain, version] of Object.entries(model.opsets)) {
    message(w, 8, () => {
      w.uint32(10).string(domain);
      w.uint32(16).int64(version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    message(w, 14, () => {
      w.uint32(10).string(key);
      w.uint32(18).string(value);
    });
  }
  return new Uint8Array(w.finish());
}

function message(w: Writer, field: number, write: () => void): void {
  w.uint32((field << 3) | 2).fork();
  write();
  w.ldelim();
}

function writeGraph(w: Writer, model: OnnxModel): void {
  for (const node of model.nodes) message(w, 1, () => writeNode(w, node));
  w.uint32(18).string(model.name);
  for (const tensor of model.initializers) message(w, 5, () => writeTensor(w, tensor));
  for (const value of model.inputs) message(w, 11, () => writeValueInfo(w, value));
  for (const value of model.outputs) message(w, 12, () => writeValueInfo(w, value));
}

function writeNode(w: Writer, node: OnnxNode): void {
  for (const name of node.inputs) w.uint32(10).string(name);
  for (const name of node.outputs) w.uint32(18).string(name);
  w.uint32(26).string(node.name);
  w.uint32(34).string(node.op);
  for (const [name, value] of Object.entries(node.attributes)) message(w, 5, () => writeAttribute(w, name, value));
  if (node.domain !== "") w.uint32(58).string(node.domain);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function writeAttribute(w: Writer, name: string, value: Attribute): void {
  w.uint32(10).string(name);
  const type = (code: number) => w.uint32(160).int32(code);
  if (typeof value === "number") {
    w.uint32(24).int64(value);
    type(2);
  } else if (typeof value === "string") {
    w.uint32(34).bytes(utf8(value));
    type(3);
  } else if ("float" in value) {
    w.uint32(21).float(value.float);
    type(1);
  } else if ("floats" in value) {
    for (const v of value.floats) w.uint32(61).float(v);
    type(6);
  } else if ("strings" in value) {
    for (const text of value.strings) w.uint32(74).bytes(utf8(text));
    type(8);
  } else if ("graph" in value) {
    message(w, 6, () => writeGraph(w, value.graph));
    type(5);
  } else {
    for (const v of value) w.uint32(64).int64(v);
    type(7);
  }
}

function writeTensor(w: Writer, tensor: Initializer): void {
  for (const d of tensor.shape) w.uint32(8).int64(d);
  w.uint32(16).int32(ELEMENT_TYPE[tensor.dtype]);
  w.uint32(66).string(tensor.name);
  w.uint32(74).bytes(tensor.bytes);
}

function writeValueInfo(w: Writer, value: ValueInfo): void {
  w.uint32(10).string(value.name);
  message(w, 2, () =>
    message(w, 1, () => {
      w.uint32(8).int32(ELEMENT_TYPE[value.dtype]);
      message(w, 2, () => {
        for (const d of value.shape) {
          message(w, 1, () => {
            if (typeof d === "number") w.uint32(8).int64(d);
            else w.uint32(18).string(d);
          });
        }
      });
    }),
  );
}
