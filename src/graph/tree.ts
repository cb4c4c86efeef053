/** Trees: nested records and lists with values at the leaves, as parameters, optimiser states and batches are. */

/** A leaf, or a record or list of trees. */
export type Tree<L> = L | readonly Tree<L>[] | { readonly [key: string]: Tree<L> };

/** The same structure with leaves of type `L` replaced by `M`. */
export type MapTree<T, L, M> = T extends L ? M : { [K in keyof T]: MapTree<T[K], L, M> };

/** Applied to each leaf with its path, `params.0.weight`. */
type Visit<L, M> = (leaf: L, path: string) => M;
type IsLeaf<L> = (value: unknown) => value is L;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

/** Joins the parts of a path with dots. */
export const joinPath = (...parts: (string | number)[]): string => parts.filter((p) => p !== "").join(".");

/**
 * Maps the leaves of a tree, in order of insertion.
 * @throws TypeError where a value is neither a leaf, a list nor a plain record, naming its path.
 */
export function mapTree<T, L, M>(tree: T, isLeaf: IsLeaf<L>, visit: Visit<L, M>, path = ""): MapTree<T, L, M> {
  const go = (value: unknown, at: string): unknown => {
    if (isLeaf(value)) return visit(value, at);
    if (Array.isArray(value)) return value.map((v, i) => go(v, joinPath(at, i)));
    if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, go(v, joinPath(at, k))]));
    throw new TypeError(`unexpected ${describe(value)} at ${at === "" ? "the root" : `"${at}"`} of a tree`);
  };
  return go(tree, path) as MapTree<T, L, M>;
}

/** The same with other leaves of the same type: the tree's type is kept. */
export const sameTree = <T, L>(tree: T, isLeaf: IsLeaf<L>, visit: Visit<L, L>): T =>
  mapTree<T, L, L>(tree, isLeaf, visit) as unknown as T; // MapTree<T, L, L> is T, which the compiler does not see

/** The leaves of a tree with their paths, in the order of {@link mapTree}. */
export function leaves<L>(tree: unknown, isLeaf: IsLeaf<L>, path = ""): [path: string, leaf: L][] {
  const out: [string, L][] = [];
  mapTree(tree, isLeaf, (leaf, at) => out.push([at, leaf]), path);
  return out;
}

/**
 * Combines trees of the same structure leaf by leaf.
 * @throws TypeError where the structures differ, naming the path.
 */
export function zipTrees<T, L, M>(
  first: T,
  others: readonly unknown[],
  isLeaf: IsLeaf<L>,
  combine: (...leaves: L[]) => M,
) {
  const tables = others.map((tree) => new Map(leaves(tree, isLeaf)));
  const result = mapTree(first, isLeaf, (leaf, path) =>
    combine(
      leaf,
      ...tables.map((table) => {
        const other = table.get(path);
        if (other === undefined) throw new TypeError(`trees differ: no leaf "${path}" in the other tree`);
        return other;
      }),
    ),
  );
  const count = leaves(first, isLeaf).length;
  for (const table of tables) {
    if (table.size !== count) throw new TypeError(`trees differ: ${count} leaves and ${table.size} leaves`);
  }
  return result;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const type = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
  return `${type} value`;
}
