/** Above the table: what is looked for, how it is grouped, which columns are shown. */
import type { RunState, RunSummary } from "../../../src/studio/api.js";
import { STATES, StateMark } from "../state-mark.js";
import { ColumnChooser } from "./column-chooser.js";
import { type Filters, groupings } from "./lines.js";

interface FilterBarProps {
  readonly runs: readonly RunSummary[];
  readonly metrics: readonly string[];
  readonly filters: Filters;
  readonly group: string | null;
  readonly columns: readonly string[];
  readonly onFilters: (filters: Filters) => void;
  readonly onGroup: (group: string | null) => void;
  readonly onColumns: (columns: readonly string[]) => void;
}

const toggled = <T,>(all: readonly T[], one: T): T[] =>
  all.includes(one) ? all.filter((each) => each !== one) : [...all, one];

export function FilterBar({ runs, metrics, filters, group, columns, onFilters, onGroup, onColumns }: FilterBarProps) {
  const states = STATES.filter(
    (state: RunState) => filters.states.includes(state) || runs.some((run) => run.state === state),
  );
  const tags = [...new Set([...filters.tags, ...runs.flatMap((run) => run.tags)])].sort();
  const options = groupings(runs);
  return (
    <div class="filter-bar">
      <label class="search">
        <span class="visually-hidden">Search</span>
        <input
          type="search"
          placeholder="Search: moons lr=0.01"
          title="Words of names and tags, or a setting's value as lr=0.01"
          value={filters.text}
          onInput={(event) => onFilters({ ...filters, text: event.currentTarget.value })}
        />
      </label>
      <fieldset class="chips">
        <legend class="visually-hidden">States that are shown</legend>
        {states.map((state) => (
          <button
            key={state}
            type="button"
            class="chip"
            aria-pressed={filters.states.includes(state)}
            onClick={() => onFilters({ ...filters, states: toggled(filters.states, state) })}
          >
            <StateMark state={state} /> <span class="count">{runs.filter((run) => run.state === state).length}</span>
          </button>
        ))}
      </fieldset>
      {tags.length > 0 && (
        <fieldset class="chips">
          <legend class="visually-hidden">Tags that a run must have</legend>
          {tags.map((tag) => (
            <button
              key={tag}
              type="button"
              class="chip tag"
              aria-pressed={filters.tags.includes(tag)}
              onClick={() => onFilters({ ...filters, tags: toggled(filters.tags, tag) })}
            >
              {tag}
            </button>
          ))}
        </fieldset>
      )}
      <label>
        Group by{" "}
        <select value={group ?? ""} onChange={(event) => onGroup(event.currentTarget.value || null)}>
          <option value="">nothing</option>
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <ColumnChooser runs={runs} metrics={metrics} columns={columns} onColumns={onColumns} />
    </div>
  );
}
