/**
 * Folding what follows a linear operation into its weights.
 *
 * A scale per output channel multiplies the weights instead of the (larger) result, and a shift becomes a convolution's bias:
 * batch norm with fixed statistics then costs no passes over memory. Needs to know what else uses a result, so it is a
 * pass of its own over a simplified graph.
 */
import { topologicalOrder } from "./grad.js";
import { convInputPrimitive, convPrimitive } from "./primitives/conv.js";
import { add, addPrimitive, mul, mulPrimitive } from "./primitives/elementwise.js";
import { type MatmulAttrs, matmulPrimitive } from "./primitives/matmul.js";
import { reshape } from "./primitives/movement.js";
import { inScope } from "./scope.js";
import { sameShape } from "./shape.js";
import { apply, type Tensor } from "./tensor.js";

const is = (node: Tensor, primitive: unknown): boolean => node.primitive === primitive;

/** The axis of the result that belongs to the weights' outputs, and that of the weights; null for other operations. */
function outputAxes(node: Tensor): { result: number; weights: number } | null {
  if (is(node, convPrimitive)) return { result: 1, weights: 0 };
  if (is(node, convInputPrimitive)) return { result: 1, weights: 1 };
  if (!is(node, matmulPrimitive) || node.inputs.some((x) => x.rank !== 2)) return null;
  return { result: 1, weights: (node.attrs as MatmulAttrs).transB ? 0 : 1 };
}

/** Whether `x` broadcasts against a result of this shape as one value for each entry of axis 1. */
const perChannel = (x: Tensor, shape: readonly number[]): boolean => {
  const lead = shape.length - x.rank;
  return x.size === shape[1] && x.size > 1 && lead <= 1 && x.shape[1 - lead] === shape[1];
};

/** An operand of `node` that is linear in its weights and used by nothing else, with the other operand, one value per channel. */
function foldable(
  node: Tensor,
  uses: ReadonlyMap<Tensor, number>,
  done: ReadonlyMap<Tensor, Tensor>,
): [linear: Tensor, row: Tensor] | null {
  for (const [i, x] of node.inputs.entries()) {
    const [linear, row] = [done.get(x)!, done.get(node.inputs[1 - i]!)!];
    const alone = uses.get(x) === 1 && outputAxes(linear) !== null;
    if (alone && sameShape(linear.shape, node.shape) && perChannel(row, node.shape)) return [linear, row];
  }
  return null;
}

/** Equal outputs with fewer passes over large results. The result's tensors stand for `roots`, in order. */
export function fold(roots: readonly Tensor[]): Tensor[] {
  const order = topologicalOrder(roots);
  const uses = new Map<Tensor, number>();
  for (const x of [...roots, ...order.flatMap((node) => node.inputs)]) uses.set(x, (uses.get(x) ?? 0) + 1);
  const done = new Map<Tensor, Tensor>();
  for (const node of order) {
    const folded = inScope(node.scope, () => foldInto(node, uses, done));
    const inputs = node.inputs.map((x) => done.get(x)!);
    const same = inputs.every((x, i) => x === node.inputs[i]);
    const rebuilt = same ? node : inScope(node.scope, () => apply(node.primitive, inputs, node.attrs));
    done.set(node, folded ?? rebuilt);
  }
  return roots.map((r) => done.get(r)!);
}

function foldInto(node: Tensor, uses: ReadonlyMap<Tensor, number>, done: ReadonlyMap<Tensor, Tensor>): Tensor | null {
  const scales = is(node, mulPrimitive);
  if (!scales && !is(node, addPrimitive)) return null;
  const found = foldable(node, uses, done);
  if (found === null) return null;
  const [linear, row] = found;
  const [x, weights, bias] = linear.inputs as [Tensor, Tensor, Tensor?];
  const flat = reshape(row, [row.size]);
  if (scales) {
    if (weights.size > linear.size) return null;
    const axis = outputAxes(linear)!.weights;
    const factor = reshape(
      row,
      weights.shape.map((_, i) => (i === axis ? row.size : 1)),
    );
    const scaled = bias === undefined ? [] : [mul(bias, flat)];
    return apply(linear.primitive, [x, mul(weights, factor), ...scaled], linear.attrs);
  }
  if (is(linear, matmulPrimitive)) return null; // the lowering has an operator for it
  return apply(linear.primitive, [x, weights, bias === undefined ? flat : add(bias, flat)], linear.attrs);
}
