/** What is kept of a run to look back at: a bounded number of states, evenly spread over all iterations. */

/** States kept at most: some 40 kB each. */
export const MOST = 120;

/**
 * Adds a state. Where there are too many, every second one goes, the first and the last aside: what is left stays evenly spread, since
 * states are then also added half as often.
 */
export function kept<T extends { readonly iteration: number }>(states: readonly T[], next: T, most = MOST): readonly T[] {
  const last = states.at(-1);
  if (last !== undefined && last.iteration === next.iteration) return [...states.slice(0, -1), next];
  const all = [...states, next];
  if (all.length <= most) return all;
  return all.filter((_, i) => i % 2 === 0 || i === all.length - 1);
}

/** The last state at or before an iteration; the first where there is none. */
export function stateAt<T extends { readonly iteration: number }>(states: readonly T[], iteration: number | null): T | null {
  if (iteration === null) return states.at(-1) ?? null;
  let found = states[0] ?? null;
  for (const state of states) if (state.iteration <= iteration) found = state;
  return found;
}
