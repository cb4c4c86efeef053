/** Which process scores which parts. */

/**
 * Shares parts out so that all ranks have about as much to read: the largest part first, each to the rank that has least (Graham's longest
 * processing time first; no rank has more than 4/3 of what the best way would give it). The same for the same sizes, wherever it is asked.
 * @returns by rank the places of its parts, ascending
 */
export function assign(sizes: readonly number[], ranks: number): number[][] {
  const shares = Array.from({ length: ranks }, () => ({ load: 0, parts: [] as number[] }));
  const largestFirst = sizes.map((_, i) => i).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  for (const part of largestFirst) {
    // Of equal loads the fewest parts: empty files are shared out, too.
    const least = shares.reduce((best, share) =>
      share.load < best.load || (share.load === best.load && share.parts.length < best.parts.length) ? share : best,
    );
    least.load += sizes[part]!;
    least.parts.push(part);
  }
  return shares.map(({ parts }) => parts.sort((a, b) => a - b));
}
