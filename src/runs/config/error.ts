/** The one error of this folder: settings that cannot be, named as the user gave them, with what would be right. */

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The name nearest to a mistyped one, or undefined where none is near: a typing error or two, or a beginning. */
export function closest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of names) {
    const distance = name.length > 2 && candidate.startsWith(name) ? 0.5 : editDistance(name, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return least <= Math.max(1, Math.floor(name.length / 3)) ? best : undefined;
}

/** `; did you mean …?`, or nothing. */
export function suggestion(name: string, names: Iterable<string>, show = (s: string) => s): string {
  const near = closest(name, names);
  return near === undefined ? "" : `; did you mean ${show(near)}?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one text to the other. */
function editDistance(a: string, b: string): number {
  const d = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    d[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = d[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? d[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      d[i]![j] = Math.min(d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, substituted, swapped);
    }
  }
  return d[a.length]![b.length]!;
}
