/** Trees of random numbers, states and what was fitted, by name. */
import type { Tensor } from "../graph/index.js";
import type { Dict } from "../nn/index.js";

/** A child of a tree of random numbers or states. @throws TypeError where it is missing. */
export function child<T = Tensor>(tree: Dict<Tensor>, name: string): T {
  const value = tree[name];
  if (value === undefined) throw new TypeError(`no "${name}" in ${Object.keys(tree).join(", ")}`);
  return value as T;
}
