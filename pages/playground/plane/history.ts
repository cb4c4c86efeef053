/** What is kept of a run to look back at: a bounded number of states, evenly spread over all iterations. */

/** States kept at most: some 40 kB each. */
export const MOST = 120;

/**
 * Adds a state. Where there are too many, every second one goes; after that a state stays only if it is as far from the one before as the
 * first two are from each other, so that what is kept is evenly spread. The newest is always there.
 */
export function kept<T extends { readonly iteration: number }>(
  states: readonly T[],
  next: T,
  most = MOST,
): readonly T[] {
  const [first, second] = states;
  const [before, last] = [states.at(-2), states.at(-1)];
  const gap = first !== undefined && second !== undefined ? second.iteration - first.iteration : 0;
  const crowded = before !== undefined && last !== undefined && last.iteration - before.iteration < gap;
  const all = [...(crowded || last?.iteration === next.iteration ? states.slice(0, -1) : states), next];
  return all.length <= most ? all : all.filter((_, i) => i % 2 === 0 || i === all.length - 1);
}

/** The last state at or before an iteration; the first where there is none. */
export function stateAt<T extends { readonly iteration: number }>(
  states: readonly T[],
  iteration: number | null,
): T | null {
  if (iteration === null) return states.at(-1) ?? null;
  let found = states[0] ?? null;
  for (const state of states) if (state.iteration <= iteration) found = state;
  return found;
}
