/** What the processes of a job that train one model together, each with a part of every batch, agree on. */
import { ShapeError } from "../shape.js";
import { apply, type Primitive, type Tensor } from "../tensor.js";
import { mul, sub } from "./elementwise.js";
import { reshape } from "./movement.js";

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

/**
 * The variance `variance` of the rows x of all ranks about their mean, which has one value where x has several (axes of length 1).
 *
 * However it was computed, the derivative is that of its definition, Σ (x - mean)² / n: d variance / d x = 2 (x - mean) / n for n rows in all. The mean
 * takes no part, since Σ (x - mean) = 0. So the way back exchanges once what every rank finds of variance and mean, and not that of the
 * mean after that of the variance.
 */
export const varianceAcrossPrimitive: Primitive<null> = {
  name: "varianceAcross",
  infer: ([variance, x, mean]) => {
    const fits = x!.rank === mean!.rank && mean!.shape.every((n, i) => n === 1 || n === x!.shape[i]);
    if (!fits || variance!.size !== mean!.size)
      throw new ShapeError("varianceAcross", `${variance} of ${x} about ${mean}`);
    return variance!;
  },
  vjp: (ct, _, [, x, mean]) => {
    const own = x!.size / mean!.size;
    const slope = mul(reshape(allMean(ct), mean!.shape), 2 / own);
    return [null, mul(sub(x!, mean!), slope), null];
  },
};

export const varianceAcross = (variance: Tensor, x: Tensor, mean: Tensor): Tensor =>
  apply(varianceAcrossPrimitive, [variance, x, mean], null);

let sharers = 1;

/** Builds a graph that has one of so many equal parts of every batch, and is to look at the whole: what it asks {@link batchSharers} about. */
export function withSharedBatch<T>(ranks: number, build: () => T): T {
  const before = sharers;
  sharers = ranks;
  try {
    return build();
  } finally {
    sharers = before;
  }
}

/** Among how many ranks the batch is shared that the graph being built is to look at; 1 where it has all of it. */
export const batchSharers = (): number => sharers;
