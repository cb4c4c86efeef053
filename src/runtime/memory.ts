/** How much memory a graph takes while it runs. */
import { topologicalOrder } from "../graph/grad.js";
import { simplify } from "../graph/simplify.js";
import { constantPrimitive, inputPrimitive, type Primitive, type Tensor } from "../graph/tensor.js";

const WIDTH = { f32: 4, i32: 4, bool: 1 } as const;
const bytes = (x: Tensor): number => x.size * WIDTH[x.dtype];

/** Operations whose result is the operand's memory, or overwrites it. */
const IN_PLACE = new Set(["reshape", "leakyRelu", "neg", "exp", "sqrt", "tanh", "sigmoid"]);

/**
 * An estimate of the peak of all intermediate values, in bytes: operations run in the order in which they were written, and a
 * value is freed after its last use. Inputs and outputs are counted; scratch memory of the kernels is not.
 */
export function peakMemory(outputs: readonly Tensor[]): number {
  const roots = simplify(outputs);
  const order = topologicalOrder(roots);
  const uses = new Map<Tensor, number>();
  for (const node of order) for (const x of node.inputs) uses.set(x, (uses.get(x) ?? 0) + 1);
  for (const root of roots) uses.set(root, Number.POSITIVE_INFINITY);
  let [live, peak] = [0, 0];
  for (const node of order) {
    if (node.primitive === (inputPrimitive as Primitive)) uses.set(node, Number.POSITIVE_INFINITY);
    const last = node.inputs.length === 1 && uses.get(node.inputs[0]!) === 1;
    const reused = last && IN_PLACE.has(node.primitive.name) ? bytes(node.inputs[0]!) : 0;
    if (node.primitive !== (constantPrimitive as Primitive)) live += bytes(node);
    peak = Math.max(peak, live - reused);
    for (const x of node.inputs) {
      const left = uses.get(x)! - 1;
      uses.set(x, left);
      if (left === 0 && x.primitive !== (constantPrimitive as Primitive)) live -= bytes(x);
    }
  }
  return peak;
}
