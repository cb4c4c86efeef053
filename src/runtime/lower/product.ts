/** Matrix products. */
import * as g from "../../graph/internal.js";
import { sameShape } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { CONTRIB, type Emitter, type RuleEntry, rule } from "./emitter.js";

const matrixSwap = (rank: number) => [...Array(rank).keys()].map((i) => (i < rank - 2 ? i : 2 * rank - 3 - i));

/** A product of matrices (rank 2) or batches of them, with operands transposed at no cost where possible. */
export function product(
  emit: Emitter,
  [a, b]: readonly [string, string],
  [rankA, rankB]: readonly [number, number],
  { transA = false, transB = false }: Partial<g.MatmulAttrs>,
): string {
  if (!transA && !transB) return emit.node("MatMul", [a, b]);
  const flags = { transA: Number(transA), transB: Number(transB) };
  if (rankA === 2 && rankB === 2) return emit.node("Gemm", [a, b], flags);
  if (!emit.standardOnly && !emit.card) return emit.node("FusedMatMul", [a, b], flags, CONTRIB);
  return emit.node("MatMul", [
    transA ? emit.transpose(a, matrixSwap(rankA)) : a,
    transB ? emit.transpose(b, matrixSwap(rankB)) : b,
  ]);
}

export const productRules: readonly RuleEntry[] = [
  rule(g.matmulPrimitive, (emit, [a, b], attrs, node) =>
    product(emit, [a!, b!], [node.inputs[0]!.rank, node.inputs[1]!.rank], attrs),
  ),
];

/**
 * The product behind an addition of a row to a matrix product of which nothing else is used: one operator does both.
 */
export function productPlusRow(
  node: Tensor,
  uses: ReadonlyMap<Tensor, number>,
): { product: Tensor; row: Tensor } | null {
  if (node.primitive !== (g.addPrimitive as g.Primitive) || node.rank !== 2) return null;
  const [a, b] = node.inputs as [Tensor, Tensor];
  const product = a.primitive === (g.matmulPrimitive as g.Primitive) ? a : b;
  const row = product === a ? b : a;
  const matrices = product.inputs.length === 2 && product.inputs.every((x) => x.rank === 2);
  const isRow = row.rank <= 2 && row.size === node.shape[1] && row.shape.at(-1) === node.shape[1];
  const alone = product.primitive === (g.matmulPrimitive as g.Primitive) && uses.get(product) === 1;
  return alone && matrices && isRow && sameShape(product.shape, node.shape) ? { product, row } : null;
}

/** A B + c, operands transposed as the product has it. */
export function emitProductPlusRow(
  emit: Emitter,
  a: string,
  b: string,
  row: string,
  { transA, transB }: g.MatmulAttrs,
): string {
  return emit.node("Gemm", [a, b, row], { transA: Number(transA), transB: Number(transB) });
}
