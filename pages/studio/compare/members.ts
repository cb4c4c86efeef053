/** The compared runs with what tells them apart on the page: a colour (and dashes), and a short name. */
import type { RunDetail } from "../../../src/studio/api.js";

export interface Member {
  readonly run: RunDetail;
  /** Of the theme's colours. */
  readonly colour: number;
  /** The name without the folders that all of them are in. */
  readonly label: string;
}

export function numbered(runs: readonly RunDetail[]): Member[] {
  const shared = sharedFolders(runs.map(({ name }) => name.split("/")));
  return runs.map((run, colour) => ({ run, colour, label: run.name.split("/").slice(shared).join("/") }));
}

/** How many leading folders all names have; the last part is never one. */
function sharedFolders(names: readonly (readonly string[])[]): number {
  const [first, ...others] = names;
  if (first === undefined || others.length === 0) return 0;
  let shared = 0;
  while (names.every((parts) => shared < parts.length - 1 && parts[shared] === first[shared])) shared++;
  return shared;
}

/** Metrics that any of them has, in order. */
export const namesOf = (runs: readonly RunDetail[]): string[] =>
  [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))].filter((name) => !name.endsWith("/epoch")).sort();
