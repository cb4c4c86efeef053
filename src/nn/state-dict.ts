/** Variables as named arrays, as in PyTorch's `state_dict`, and back. */
import { leaves, mapTree } from "../graph/index.js";
import { isArray, type NdArray } from "../runtime/index.js";
import type { Dict, Variables } from "./module.js";

/** All parameters and buffers by their PyTorch names. */
export const stateDict = ({ params, state }: Variables<NdArray>): Map<string, NdArray> =>
  new Map([...leaves(params, isArray), ...leaves(state, isArray)]);

/**
 * Variables of the structure of `variables` with the values of `entries`.
 * @throws TypeError where an array is missing, of another shape or type, or has no place in the module.
 */
export function loadStateDict(
  variables: Variables<NdArray>,
  entries: ReadonlyMap<string, NdArray>,
): Variables<NdArray> {
  const unused = new Set(entries.keys());
  const fill = (tree: Dict<NdArray>) =>
    mapTree(tree, isArray, (own: NdArray, path: string) => {
      const value = entries.get(path);
      if (value === undefined) throw new TypeError(`no array "${path}" to load`);
      const [expected, got] = [own, value].map((x) => `${x.dtype}[${x.shape}]`);
      if (expected !== got) throw new TypeError(`"${path}" is ${got}, the module has ${expected}`);
      unused.delete(path);
      return value;
    }) as Dict<NdArray>;
  const loaded = { params: fill(variables.params), state: fill(variables.state) };
  if (unused.size > 0) throw new TypeError(`the module has no place for ${[...unused].join(", ")}`);
  return loaded;
}
