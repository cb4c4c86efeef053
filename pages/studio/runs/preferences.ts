/** How the table was last looked at: kept by the browser, and checked when read back. */
import type { RunState } from "../../../src/studio/api.js";
import { STATES } from "../state-mark.js";
import type { Filters, Sorting } from "./lines.js";

export interface Preferences {
  readonly filters: Filters;
  readonly sorting: Sorting;
  readonly group: string | null;
  /** Ids of columns; null before any was chosen. */
  readonly columns: readonly string[] | null;
}

const KEY = "vera.studio.runs";

export const INITIAL: Preferences = {
  filters: { text: "", states: [], tags: [] },
  sorting: { column: "updated", descending: true },
  group: null,
  columns: null,
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const strings = (value: unknown): string[] | null =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : null;

export function readPreferences(): Preferences {
  let kept: unknown = null;
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    // No storage, or not ours: the table starts as it was made.
  }
  if (!isRecord(kept)) return INITIAL;
  const filters = isRecord(kept.filters) ? kept.filters : {};
  const sorting = isRecord(kept.sorting) ? kept.sorting : {};
  const states = strings(filters.states) ?? [];
  return {
    filters: {
      text: typeof filters.text === "string" ? filters.text : "",
      states: STATES.filter((state: RunState) => states.includes(state)),
      tags: strings(filters.tags) ?? [],
    },
    sorting:
      typeof sorting.column === "string"
        ? { column: sorting.column, descending: sorting.descending === true }
        : INITIAL.sorting,
    group: typeof kept.group === "string" ? kept.group : null,
    columns: strings(kept.columns),
  };
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Storage that is full or off: the next visit starts anew.
  }
}
