/** From a graph to an ONNX model. */
import { topologicalOrder } from "../../graph/grad.js";
import type { MatmulAttrs } from "../../graph/primitives/matmul.js";
import {
  type ConstantAttrs,
  constantPrimitive,
  type InputAttrs,
  inputPrimitive,
  type Primitive,
  type Tensor,
} from "../../graph/tensor.js";
import type { OnnxModel } from "../onnx.js";
import { BLOCKED, blockwise, fromBlocked } from "./blocked.js";
import { convRules } from "./conv.js";
import { elementwiseRules } from "./elementwise.js";
import { CONTRIB, Emitter, type LowerOptions, type Rule } from "./emitter.js";
import { movementRules } from "./movement.js";
import { emitProductPlusRow, productPlusRow, productRules } from "./product.js";

export type { LowerOptions } from "./emitter.js";

const rules = new Map<Primitive, Rule<unknown>>([...elementwiseRules, ...movementRules, ...productRules, ...convRules]);

/** A graph with names for what enters and leaves it. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly (readonly [name: string, value: Tensor])[];
}

/**
 * The version of ONNX's operators that models are written in: ONNX 1.12 (2022) and later. No later operator is needed, and
 * an older version runs on more runtimes.
 */
const OPSET = 17;

/** How often each node's value is used, by other nodes and as an output; and by which node last. */
function usesOf(order: readonly Tensor[], graph: Graph): { uses: Map<Tensor, number>; users: Map<Tensor, Tensor> } {
  const uses = new Map<Tensor, number>();
  const users = new Map<Tensor, Tensor>();
  const count = (x: Tensor) => uses.set(x, (uses.get(x) ?? 0) + 1);
  for (const node of order) {
    for (const x of node.inputs) {
      count(x);
      users.set(x, node);
    }
  }
  for (const [, t] of graph.outputs) count(t);
  return { uses, users };
}

/** Writes a (simplified) graph as an ONNX model. Inputs that nothing depends on stay inputs. */
export function lower(graph: Graph, options: LowerOptions = {}): OnnxModel {
  const emit = new Emitter(options);
  const names = new Map<Tensor, string>();
  const named = (name: string): string => {
    if (emit.unique(name) !== name) throw new Error(`two inputs or outputs of ${graph.name} are called "${name}"`);
    return name;
  };
  for (const x of graph.inputs) names.set(x, named((x.attrs as InputAttrs).name));
  const reserved = graph.outputs.map(([name]) => named(name));

  const order = topologicalOrder(graph.outputs.map(([, t]) => t));
  const { uses, users } = usesOf(order, graph);
  const plusRow = new Map(order.map((node) => [node, productPlusRow(node, uses)] as const));
  const absorbed = new Set([...plusRow.values()].map((fused) => fused?.product));
  for (const node of order) {
    if (names.has(node) || absorbed.has(node)) continue;
    emit.enter(node, uses.get(node) === 1 ? users.get(node) : undefined);
    const fused = plusRow.get(node);
    if (fused !== null && fused !== undefined) {
      const [a, b] = fused.product.inputs.map((x) => names.get(x)!) as [string, string];
      const attrs = fused.product.attrs as MatmulAttrs;
      names.set(node, emitProductPlusRow(emit, a, b, names.get(fused.row)!, attrs));
      continue;
    }
    if (node.primitive === (constantPrimitive as Primitive)) {
      const { data, type } = node.attrs as ConstantAttrs;
      names.set(
        node,
        emit.store(type.dtype, type.shape, data, type.shape.length === 0 ? `scalar_${data[0]}` : "constant"),
      );
      continue;
    }
    if (node.primitive === (inputPrimitive as Primitive))
      throw new Error(`input "${(node.attrs as InputAttrs).name}" is not an input of this graph`);
    const rule = rules.get(node.primitive);
    if (rule === undefined) throw new Error(`no lowering for ${node.primitive.name}`);
    const inputs = node.inputs.map((x) => names.get(x)!);
    const inBlocks = blockwise(emit, node, inputs);
    const name =
      inBlocks === null
        ? rule(emit, inputs, node.attrs, node)
        : fromBlocked(emit, rule(emit, inBlocks, node.attrs, node), node.shape[1]!);
    names.set(node, name);
    if (emit.absorbed) names.set(users.get(node)!, name);
  }

  // An output takes the place of the name that its node got; a second name for the same value needs a node of its own.
  const renamed = new Map<string, string>();
  graph.outputs.forEach(([, t], i) => {
    const name = names.get(t)!;
    emit.demand(name);
    const made = emit.nodes.some((n) => n.outputs[0] === name);
    if (made && !renamed.has(name)) renamed.set(name, reserved[i]!);
    else
      emit.nodes.push({
        name: reserved[i]!,
        op: "Identity",
        domain: "",
        inputs: [name],
        outputs: [reserved[i]!],
        attributes: {},
      });
  });
  const rename = (name: string) => renamed.get(name) ?? name;
  const nodes = emit.nodes.map((n) => ({ ...n, inputs: n.inputs.map(rename), outputs: n.outputs.map(rename) }));

  const extensions = [CONTRIB, BLOCKED].filter((domain) => nodes.some((n) => n.domain === domain));
  const info = (name: string, { dtype, shape }: Tensor) => ({ name, dtype, shape });
  return {
    name: graph.name,
    opsets: { "": OPSET, ...Object.fromEntries(extensions.map((domain) => [domain, 1])) },
    nodes,
    initializers: emit.initializers,
    inputs: graph.inputs.map((x) => info(names.get(x)!, x)),
    outputs: graph.outputs.map(([, t], i) => info(reserved[i]!, t)),
  };
}
