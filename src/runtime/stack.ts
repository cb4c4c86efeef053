/** Several iterations' inputs as one: arrays stacked along a new leading axis. */
import { type Tree, zipTrees } from "../graph/tree.js";
import { isArray, NdArray } from "./array.js";

/** Stacks trees of one structure leaf by leaf. @throws TypeError where structures, shapes or types differ. */
export function stackTrees<T extends Tree<NdArray>>(trees: readonly T[]): T {
  const [first, ...others] = trees;
  return zipTrees<unknown, NdArray, NdArray>(first, others, isArray, (...leaves) => stackArrays(leaves)) as T;
}

function stackArrays(arrays: readonly NdArray[]): NdArray {
  const { size, shape, dtype, data } = arrays[0]!;
  const out = new (data.constructor as new (n: number) => typeof data)(size * arrays.length);
  arrays.forEach((x, i) => {
    if (x.dtype !== dtype || x.size !== size)
      throw new TypeError(`cannot stack ${dtype}[${shape}] and ${x.dtype}[${x.shape}]`);
    out.set(x.data, i * size);
  });
  return new NdArray(out, [arrays.length, ...shape], dtype);
}
