/**
 * A graph with averages over ranks in it, cut at them: what is computed before the first of them, between them, and after the last.
 *
 * Each value is computed in the first stage that can. Later stages that need it are given it, or compute it anew where that takes less to
 * hand on: arrays leave the engine and come back, which costs more than a sum or product of what is there already.
 */
import {
  addPrimitive,
  allMeanPrimitive,
  apply,
  broadcastPrimitive,
  castPrimitive,
  constantPrimitive,
  divPrimitive,
  input,
  inputPrimitive,
  leakyReluPrimitive,
  mulPrimitive,
  negPrimitive,
  type Primitive,
  reshapePrimitive,
  sqrtPrimitive,
  stepPrimitive,
  subPrimitive,
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

/** What costs no more to compute than to hand on. */
const CHEAP: ReadonlySet<unknown> = new Set([
  ...[addPrimitive, subPrimitive, mulPrimitive, divPrimitive, negPrimitive, sqrtPrimitive],
  ...[leakyReluPrimitive, stepPrimitive, castPrimitive, broadcastPrimitive, reshapePrimitive],
]);

/** Of as many numbers what is further back is handed on, since more can be made from it; small vectors beside it, like a mean, do not count. */
const SLACK = 1.1;

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

  /** Whether a stage has it, or will have made it when it is asked. */
  function isThere(x: Tensor, at: number): boolean {
    return isGiven(x) || (stageOf.get(x) === at && !isMean(x)) || parts[at]!.has(x);
  }

  /** What a stage lacks to compute x anew by cheap operations alone, in order, the operations after what they take. */
  function lacking(x: Tensor, at: number): Lacking {
    const [handed, made] = [new Set<Tensor>(), new Set<Tensor>()];
    const visit = (node: Tensor): void => {
      if (isThere(node, at) || handed.has(node) || made.has(node)) return;
      if (!CHEAP.has(node.primitive)) handed.add(node);
      else {
        for (const each of node.inputs) visit(each);
        made.add(node);
      }
    };
    visit(x);
    return { handed, made };
  }

  /** Gives a stage what an earlier one knows. */
  function hand(x: Tensor, to: number): void {
    if (isThere(x, to)) return;
    const { handed, made } = lacking(x, to);
    if (made.size > 0 && bytes(handed) <= SLACK * bytes([x])) {
      for (const each of handed) take(each, to);
      for (const each of made) parts[to]!.make(each);
    } else take(x, to);
  }

  function take(x: Tensor, to: number): void {
    const from = stageOf.get(x)!;
    if (!names.has(x)) names.set(x, `value.${names.size}`);
    const name = names.get(x)!;
    if (!isMean(x)) parts[from]!.outputs.set(name, parts[from]!.copy(x));
    parts[to]!.take(x, name);
  }
}

interface Lacking {
  /** Nodes that must come from an earlier stage. */
  readonly handed: ReadonlySet<Tensor>;
  /** Nodes to compute from them and from what is there. */
  readonly made: ReadonlySet<Tensor>;
}

const bytes = (nodes: Iterable<Tensor>): number =>
  [...nodes].reduce((sum, { size, dtype }) => sum + size * (dtype === "bool" ? 1 : 4), 0);

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
