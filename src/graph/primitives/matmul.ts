/**
 * Matrix products, batched and with transposed operands.
 *
 * With A' and B' the operands as multiplied, Y = A' B' has dA' = C B'ᵀ and dB' = A'ᵀ C for a cotangent C; where an operand
 * was transposed the product is transposed instead, so no operand is ever copied.
 */
import { broadcastShapes, ShapeError, show } from "../shape.js";
import { apply, type Primitive, type Tensor } from "../tensor.js";
import { sumTo } from "./broadcast.js";
import { reshape } from "./movement.js";

export interface MatmulAttrs {
  readonly transA: boolean;
  readonly transB: boolean;
}

export const matmulPrimitive: Primitive<MatmulAttrs> = {
  name: "matmul",
  infer: ([a, b], { transA, transB }) => {
    const shapes = `${show(a!.shape)}${transA ? "ᵀ" : ""} and ${show(b!.shape)}${transB ? "ᵀ" : ""}`;
    if (a!.dtype !== "f32" || b!.dtype !== "f32" || a!.rank < 2 || b!.rank < 2) {
      throw new ShapeError("matmul", `expects f32 matrices, got ${a} and ${b}`);
    }
    const [m, k] = transA ? [a!.shape.at(-1)!, a!.shape.at(-2)!] : [a!.shape.at(-2)!, a!.shape.at(-1)!];
    const [kB, n] = transB ? [b!.shape.at(-1)!, b!.shape.at(-2)!] : [b!.shape.at(-2)!, b!.shape.at(-1)!];
    if (k !== kB) throw new ShapeError("matmul", `inner dimensions of ${shapes} differ: ${k} and ${kB}`);
    return { shape: [...broadcastShapes("matmul", a!.shape.slice(0, -2), b!.shape.slice(0, -2)), m, n], dtype: "f32" };
  },
  vjp: (ct, _, [a, b], { transA, transB }) => {
    const da = transA ? matmul(b!, ct, { transA: transB, transB: true }) : matmul(ct, b!, { transB: !transB });
    const db = transB ? matmul(ct, a!, { transA: true, transB: transA }) : matmul(a!, ct, { transA: !transA });
    return [sumTo(da, a!.shape), sumTo(db, b!.shape)];
  },
};

/**
 * Matrix product over the last two axes, `[…, m, k] · […, k, n] → […, m, n]`; leading axes broadcast.
 * With `transA` (`transB`) the operand is taken with its last two axes swapped.
 * @throws ShapeError where the inner dimensions differ.
 */
export function matmul(a: Tensor, b: Tensor, { transA = false, transB = false }: Partial<MatmulAttrs> = {}): Tensor {
  if (a.rank > 2 && b.rank === 2 && !transA) {
    // One large product instead of a batch of small ones with a shared right operand.
    matmulPrimitive.infer([a, b], { transA, transB }); // complains of the operands as they were given
    const flat = matmul(reshape(a, [-1, a.shape.at(-1)!]), b, { transB });
    return reshape(flat, [...a.shape.slice(0, -1), flat.shape[1]!]);
  }
  return apply(matmulPrimitive, [a, b], { transA, transB });
}
