/** Batch norm's running statistics, among the other buffers of a model. */
import { isTensor, type Tensor } from "../graph/index.js";
import { isArray, type NdArray } from "../runtime/index.js";
import type { Dict } from "./module.js";

const STATISTIC = /^running_(mean|var)$/;

/** The running statistics of a tree of buffers, without what is none: counters, and what was fitted. */
export function runningStatistics<L extends NdArray | Tensor>(state: Dict<L>): Dict<L> {
  const kept: Record<string, L | Dict<L>> = {};
  for (const [name, value] of Object.entries(state)) {
    if (STATISTIC.test(name)) kept[name] = value;
    else if (isDict(value)) {
      const below = runningStatistics(value);
      if (Object.keys(below).length > 0) kept[name] = below;
    }
  }
  return kept;
}

/** A tree of buffers with these statistics in place of its own. */
export function withStatistics<L extends NdArray | Tensor>(state: Dict<L>, statistics: Dict<L>): Dict<L> {
  const entries = Object.entries(state).map(([name, value]) => {
    const own = statistics[name];
    if (own === undefined) return [name, value];
    return [name, isDict(value) && isDict(own) ? withStatistics(value, own) : own];
  });
  return Object.fromEntries(entries);
}

const isDict = <L extends NdArray | Tensor>(value: L | Dict<L>): value is Dict<L> =>
  !isTensor(value) && !isArray(value);
