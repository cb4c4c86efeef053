/** The part of an iteration that one of several ranks works on. All draw the whole of it, alike: with any number of ranks a run sees the same numbers. */
import { mapTree, zipTrees } from "../graph/index.js";
import type { TypedArray } from "../graph/tensor.js";
import { isArray, NdArray, outline, type Ranks, type Rng } from "../runtime/index.js";
import { shapesOnly } from "../runtime/streams.js";

/** Which rank of how many. */
type Place = Pick<Ranks, "rank" | "size">;

/** This rank's rows of arrays `[B, …]`. @throws RangeError where the rows cannot be shared out evenly */
export function ownRows<T>(tree: T, ranks: Place): T {
  return mapTree<T, NdArray, NdArray>(tree, isArray, (x) => part(x, 0, x.shape[0]! / ranks.size, ranks)) as T;
}

/**
 * The same of noise that was drawn for a whole batch: of each array along the axis whose length depends on the batch.
 * @param draw what drew it
 */
export function ownNoise<T>(noise: T, draw: (batch: number, rng: Rng) => T, batch: number, ranks: Place): T {
  const own = outline(() => draw(batch / ranks.size, shapesOnly()));
  return zipTrees<T, NdArray, NdArray>(noise, [own], isArray, (whole, { shape }) => {
    const axis = whole.shape.findIndex((length, i) => length !== shape[i]);
    return axis === -1 ? whole : part(whole, axis, shape[axis]!, ranks);
  }) as T;
}

/** So many places along an axis, those of this rank. */
function part({ data, shape, dtype }: NdArray, axis: number, length: number, { rank, size }: Place): NdArray {
  const whole = shape[axis]!;
  if (length * size !== whole) throw new RangeError(`${whole} rows cannot be shared out evenly among ${size} ranks`);
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = data.length / (whole * inner);
  const taken = length * inner;
  const out = new (data.constructor as new (n: number) => TypedArray)(outer * taken);
  for (let i = 0; i < outer; i++) {
    const from = (i * whole + rank * length) * inner;
    out.set(data.subarray(from, from + taken), i * taken);
  }
  return new NdArray(out, [...shape.slice(0, axis), length, ...shape.slice(axis + 1)], dtype);
}
