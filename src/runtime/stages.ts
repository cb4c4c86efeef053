/**
 * A graph with averages over ranks in it, cut at them: what is computed before the first of them, between them, and after the last.
 *
 * Each value is computed in the first stage that can, once; later stages that need it are given it.
 */
import {
  allMeanPrimitive,
  apply,
  constantPrimitive,
  input,
  inputPrimitive,
  type Primitive,
  type Tensor,
  topologicalOrder,
} from "../graph/internal.js";
import type { Graph } from "./lower/index.js";

/** One part: a graph of its own. */
export interface Stage {
  readonly graph: Graph;
  /** Names of its outputs that are averaged then: later stages are given the averages under these names. */
  readonly averaged: readonly string[];
}

const isA = (primitive: unknown, node: Tensor): boolean => node.primitive === primitive;
const isMean = (node: Tensor): boolean => isA(allMeanPrimitive, node);

/** Nobody computes these: every stage has them where it needs them. */
const isGiven = (node: Tensor): boolean => isA(constantPrimitive, node) || isA(inputPrimitive, node);

/** @param graph simplified */
export function stagesOf(graph: Graph): Stage[] {
  const order = topologicalOrder(graph.outputs.map(([, t]) => t));
  // An average belongs to the stage after the one that computes what it is of.
  const stageOf = new Map<Tensor, number>();
  for (const node of order)
    stageOf.set(node, Math.max(0, ...node.inputs.map((x) => stageOf.get(x)!)) + (isMean(node) ? 1 : 0));

  const count = 1 + Math.max(0, ...stageOf.values());
  const parts = Array.from({ length: count }, () => new Part());
  const names = new Map<Tensor, string>();
  for (const node of order) {
    const at = stageOf.get(node)!;
    if (isMean(node)) {
      const name = `mean.${names.size}`;
      names.set(node, name);
      const before = parts[at - 1]!;
      if (isMean(node.inputs[0]!)) hand(node.inputs[0]!, at - 1);
      before.averaged.push(name);
      before.outputs.set(name, before.copy(node.inputs[0]!));
    } else if (!isGiven(node)) {
      for (const x of node.inputs) hand(x, at);
      parts[at]!.make(node);
    }
  }
  for (const [name, t] of graph.outputs) {
    const at = stageOf.get(t)!;
    if (isMean(t)) hand(t, at);
    parts[at]!.outputs.set(name, parts[at]!.copy(t));
  }
  return parts.map(({ given, outputs, averaged }) => ({
    graph: { name: graph.name, inputs: given, outputs: [...outputs] },
    averaged,
  }));

  /** Gives a stage what an earlier one knows. */
  function hand(x: Tensor, to: number): void {
    const from = stageOf.get(x)!;
    if (isGiven(x) || (from === to && !isMean(x)) || parts[to]!.has(x)) return;
    if (!names.has(x)) names.set(x, `value.${names.size}`);
    const name = names.get(x)!;
    if (!isMean(x)) parts[from]!.outputs.set(name, parts[from]!.copy(x));
    parts[to]!.take(x, name);
  }
}

/** The graph of a stage as it grows. */
class Part {
  readonly given: Tensor[] = [];
  readonly outputs = new Map<string, Tensor>();
  readonly averaged: string[] = [];
  private readonly copies = new Map<Tensor, Tensor>();

  has(node: Tensor): boolean {
    return this.copies.has(node);
  }

  take(node: Tensor, name: string): void {
    const copy = input(name, node);
    this.given.push(copy);
    this.copies.set(node, copy);
  }

  /** A node of this stage, whose inputs are there. */
  make(node: Tensor): void {
    const inputs = node.inputs.map((x) => this.copy(x));
    this.copies.set(node, apply(node.primitive, inputs, node.attrs));
  }

  /** What stands for a node here. */
  copy(node: Tensor): Tensor {
    const known = this.copies.get(node);
    if (known !== undefined) return known;
    if (!isGiven(node)) throw new Error(`${node} is not there in this stage`);
    if (isA(inputPrimitive as Primitive, node)) this.given.push(node);
    this.copies.set(node, node);
    return node;
  }
}
