/** What the processes of a job that train one model together, each with a part of every batch, agree on. */
import { ShapeError } from "../shape.js";
import { apply, type Primitive, type Tensor } from "../tensor.js";

/**
 * A graph that has such nodes is compiled by `compileAcross` alone.
 *
 * The derivative is that of the mean of all ranks' losses, as far as the mean over ranks of what each finds: ranks' derivatives are
 * averaged in the end.
 */
export const allMeanPrimitive: Primitive<null> = {
  name: "allMean",
  infer: ([x]) => {
    if (x!.dtype !== "f32") throw new ShapeError("allMean", `takes floats, not ${x}`);
    return x!;
  },
  vjp: (ct) => [allMean(ct)],
};

/** The mean of x over all ranks, element by element. */
export const allMean = (x: Tensor): Tensor => apply(allMeanPrimitive, [x], null);

let shared = false;

/** Builds a graph in which {@link acrossBatch} looks at the whole batch, of which every rank has an equal part. */
export function withSharedBatch<T>(build: () => T): T {
  const before = shared;
  shared = true;
  try {
    return build();
  } finally {
    shared = before;
  }
}

/** A mean over rows of a batch: where ranks share it and are to look at all of it, that over all their rows. */
export const acrossBatch = (mean: Tensor): Tensor => (shared ? allMean(mean) : mean);
