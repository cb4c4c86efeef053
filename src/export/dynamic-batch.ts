/**
 * Models for batches of any size.
 *
 * Graphs here have static shapes. A model for any batch comes from two, lowered for different batches and compared node by
 * node: where a stored list of integers differs, it depends on the batch, and is replaced by something that holds for every
 * batch; whatever else differs cannot be replaced, and is an error. That way nothing that lowers a graph need know of it.
 */
import type { Attribute, Initializer, OnnxModel, OnnxNode, ValueInfo } from "../runtime/onnx.js";

/** The name of the dimension that differs from call to call. */
export const BATCH = "batch";

/**
 * Different primes: a dimension that is n and m, or k n and k m, in the two models is the batch, or k times the batch. They are large
 * because simplification may do what pays for large batches only, and weights are constant here, so that it always pays.
 */
const [N, M] = [100_003, 100_019] as const;

/** Something besides a shape depends on the batch, so that no model is right for all of them. */
export class DynamicBatchError extends Error {
  override readonly name = "DynamicBatchError";
}

/**
 * @param build the model for batches of a given size; nothing but its shapes may depend on it.
 * @param input the input whose first dimension is the batch.
 * @throws DynamicBatchError naming what else depends on the batch.
 */
export function dynamicBatch(build: (batch: number) => OnnxModel, input: string): OnnxModel {
  const [model, other] = [build(N), build(M)];
  const size = new BatchSize(input);
  const [stored, otherStored] = [model, other].map((m) => new Map(m.initializers.map((t) => [t.name, t]))) as [
    Map<string, Initializer>,
    Map<string, Initializer>,
  ];
  if (model.nodes.length !== other.nodes.length)
    throw new DynamicBatchError("the number of nodes depends on the batch");
  const positions = [model, other].map((m) => new Map(m.nodes.map((n, i) => [n.outputs[0]!, i])));

  const nodes = model.nodes.map((node, i): OnnxNode => {
    const twin = other.nodes[i]!;
    const at = `${node.op} "${node.name}"`;
    if (node.op !== twin.op || node.inputs.length !== twin.inputs.length)
      throw new DynamicBatchError(`${at} is ${twin.op} for another batch`);
    if (!sameAttributes(node.attributes, twin.attributes))
      throw new DynamicBatchError(`the attributes of ${at} depend on the batch`);
    const inputs = node.inputs.map((name, j) => {
      const [tensor, twinTensor] = [stored.get(name), otherStored.get(twin.inputs[j]!)];
      if (tensor === undefined || twinTensor === undefined) {
        const same = positions[0]!.get(name) === positions[1]!.get(twin.inputs[j]!);
        if (!same || (tensor === undefined) !== (twinTensor === undefined))
          throw new DynamicBatchError(`where input ${j} of ${at} comes from depends on the batch`);
        return name;
      }
      if (sameTensor(tensor, twinTensor)) return name;
      const list = multiples(tensor, twinTensor);
      if (list === null) throw new DynamicBatchError(`the stored input ${j} of ${at} depends on the batch`);
      const one = list.filter((d) => typeof d !== "number").length === 1;
      return node.op === "Reshape" && one ? size.reshapeTarget(list) : size.list(list);
    });
    return { ...node, inputs };
  });

  const all = [...size.nodes, ...nodes];
  const used = new Set(all.flatMap((n) => n.inputs));
  return {
    ...model,
    nodes: all,
    initializers: [...model.initializers.filter((t) => used.has(t.name)), ...size.initializers],
    inputs: model.inputs.map((v, i) => dynamic(v, other.inputs[i]!)),
    outputs: model.outputs.map((v, i) => dynamic(v, other.outputs[i]!)),
  };
}

/** A dimension: known, or so many times the batch. */
type Dimension = number | { readonly times: number };

const show = (list: readonly Dimension[]): string =>
  list.map((d) => (typeof d === "number" ? d : d.times === 1 ? BATCH : `${d.times}${BATCH}`)).join("_");

/** Lists of integers that depend on the batch, each made once. */
class BatchSize {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  private readonly made = new Set<string>();

  constructor(private readonly input: string) {}

  /** A shape of which one dimension follows from the others: -1 in ONNX. */
  reshapeTarget(list: readonly Dimension[]): string {
    return this.store(
      `shape_${show(list)}`,
      list.map((d) => (typeof d === "number" ? d : -1)),
    );
  }

  /** A list computed from the input's first dimension. */
  list(list: readonly Dimension[]): string {
    const parts = list.map((d) => (typeof d === "number" ? this.store(`int_${d}`, [d]) : this.times(d.times)));
    if (parts.length === 1) return parts[0]!;
    return this.node(`shape_of_${show(list)}`, "Concat", parts, { axis: 0 });
  }

  private times(k: number): string {
    const batch = this.node(`${BATCH}_size`, "Shape", [this.input], { start: 0, end: 1 });
    return k === 1 ? batch : this.node(`${BATCH}_size_times_${k}`, "Mul", [batch, this.store(`int_${k}`, [k])], {});
  }

  private node(name: string, op: string, inputs: readonly string[], attributes: OnnxNode["attributes"]): string {
    const full = `export/${name}`;
    if (!this.made.has(full)) this.nodes.push({ name: full, op, domain: "", inputs, outputs: [full], attributes });
    this.made.add(full);
    return full;
  }

  private store(name: string, values: readonly number[]): string {
    const full = `export/${name}`;
    if (!this.made.has(full)) {
      const data = BigInt64Array.from(values, BigInt);
      this.initializers.push({
        name: full,
        dtype: "i64",
        shape: [values.length],
        bytes: new Uint8Array(data.buffer),
      });
    }
    this.made.add(full);
    return full;
  }
}

function dynamic(value: ValueInfo, other: ValueInfo): ValueInfo {
  const shape = value.shape.map((d, i) => {
    const e = other.shape[i];
    if (d === e) return d;
    if (d === N && e === M) return BATCH;
    throw new DynamicBatchError(
      `dimension ${i} of "${value.name}" is ${d} for a batch of ${N} and ${e} for one of ${M}`,
    );
  });
  return { ...value, shape };
}

const sameTensor = (a: Initializer, b: Initializer): boolean =>
  a.dtype === b.dtype &&
  String(a.shape) === String(b.shape) &&
  a.bytes.length === b.bytes.length &&
  a.bytes.every((byte, i) => byte === b.bytes[i]);

/** What two lists of integers have in common as functions of the batch; null where that is no multiple of it. */
function multiples(a: Initializer, b: Initializer): Dimension[] | null {
  if (a.dtype !== "i64" || b.dtype !== "i64" || a.shape.length !== 1 || a.bytes.length !== b.bytes.length) return null;
  const [x, y] = [integers(a), integers(b)];
  const list = x.map((v, i): Dimension | null => {
    if (v === y[i]) return v;
    return v % N === 0 && y[i] === (v / N) * M ? { times: v / N } : null;
  });
  return list.includes(null) ? null : (list as Dimension[]);
}

const integers = ({ bytes }: Initializer): number[] =>
  Array.from(new BigInt64Array(bytes.slice().buffer, 0, bytes.length / 8), Number);

/** Attributes are numbers, text and lists of numbers; models of this kind have no graphs in them. */
const sameAttributes = (a: OnnxNode["attributes"], b: OnnxNode["attributes"]): boolean => {
  const text = (attributes: Readonly<Record<string, Attribute>>) => JSON.stringify(Object.entries(attributes).sort());
  return text(a) === text(b);
};
