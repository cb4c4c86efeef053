/** All runs below the studio's folders, in a table. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { RunSummary, Trashed } from "../../../src/studio/api.js";
import { counted } from "../../shared/numbers.js";
import { Connection } from "../connection.js";
import { failed, type Notice, NoticeLine, said } from "../notice.js";
import { address } from "../route.js";
import { patch, post, remove } from "../server.js";
import type { RunActions } from "./cells.js";
import { type Column, columnOf, initialColumns, metricsOf, NAME } from "./columns.js";
import { FilterBar } from "./filters.js";
import { type Group, linesOf, passes, sorted } from "./lines.js";
import { INITIAL, keepPreferences, readPreferences } from "./preferences.js";
import { RemoveDialog } from "./remove-dialog.js";
import { Table } from "./table.js";
import { useRuns } from "./use-runs.js";
import "./runs.css";

const path = (run: RunSummary): string => `/api/runs/${encodeURIComponent(run.id)}`;

export function RunsView() {
  const [preferences, prefer] = useState(readPreferences);
  const wanted = metricsOf(preferences.columns && [...preferences.columns, preferences.sorting.column]);
  const { runs, folders, metrics, problem, connected, replace } = useRuns(wanted);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [closed, close] = useState<ReadonlySet<string>>(new Set());
  const [leaving, leave] = useState<readonly RunSummary[]>([]);
  const [notice, tell] = useState<Notice | null>(null);
  useEffect(() => keepPreferences(preferences), [preferences]);

  const { filters, sorting, group } = preferences;
  const ids = useMemo(() => preferences.columns ?? initialColumns(metrics), [preferences.columns, metrics]);
  const columns = useMemo(() => ids.map(columnOf).filter((column): column is Column => column !== null), [ids]);
  const listed = useMemo(
    () =>
      sorted(
        (runs ?? []).filter((run) => passes(run, filters)),
        sorting,
      ),
    [runs, filters, sorting],
  );
  const lines = useMemo(() => linesOf(listed, group, closed), [listed, group, closed]);

  const act = async (what: string, work: () => Promise<Notice | null>) => {
    try {
      tell(await work());
    } catch (error) {
      tell(failed(what, error));
    }
  };
  const edited = (run: RunSummary, what: string, work: () => Promise<RunSummary>) =>
    act(what, async () => {
      replace(run.id, await work());
      return null;
    });
  const actions: RunActions = {
    rename: (run, name) => edited(run, "Not renamed", () => patch<RunSummary>(path(run), { name })),
    tag: (run, tags) => edited(run, "The tags are as they were", () => patch<RunSummary>(path(run), { tags })),
    stop: (run) => edited(run, "Not stopped", () => post<RunSummary>(`${path(run)}/stop`)),
    resume: (run) => edited(run, "Not resumed", () => post<RunSummary>(`${path(run)}/resume`)),
    remove: (run) => leave([run]),
  };
  const discard = (gone: readonly RunSummary[]) =>
    act("Not deleted", async () => {
      leave([]);
      const places: string[] = [];
      for (const run of gone) {
        places.push((await remove<Trashed>(path(run))).to);
        replace(run.id, null);
      }
      choose(new Set());
      return said(
        gone.length === 1
          ? `${gone[0]!.name} is now ${places[0]}`
          : `${gone.length} runs were moved, the last to ${places.at(-1)}`,
      );
    });

  const sort = (column: Column) =>
    prefer((old) => ({
      ...old,
      sorting: {
        column: column.id,
        descending: old.sorting.column === column.id ? !old.sorting.descending : column.descends,
      },
    }));
  const select = (members: readonly RunSummary[], on: boolean) =>
    choose((old) => {
      const next = new Set(old);
      for (const { id } of members) on ? next.add(id) : next.delete(id);
      return next;
    });
  const toggle = ({ key }: Group) =>
    close((old) => (old.has(key) ? new Set([...old].filter((each) => each !== key)) : new Set([...old, key])));

  if (runs === null) {
    return problem === null ? (
      <p class="quiet">Loading the runs …</p>
    ) : (
      <p class="warning">The runs cannot be listed: {problem}</p>
    );
  }
  const taken = sorted(
    listed.filter(({ id }) => chosen.has(id)),
    { column: NAME.id, descending: false },
  );
  return (
    <section class="runs-view">
      <header class="view-head">
        <h1>Runs</h1>
        <span class="quiet">
          {listed.length === runs.length
            ? counted(runs.length)
            : `${counted(listed.length)} of ${counted(runs.length)}`}{" "}
          in {folders.join(", ")}
        </span>
        <Connection connected={connected} />
      </header>
      <NoticeLine notice={notice} onClose={() => tell(null)} />
      {problem !== null && <p class="warning">The list is not up to date: {problem}</p>}
      {runs.length === 0 ? (
        <NoRuns folders={folders} />
      ) : (
        <>
          <FilterBar
            runs={runs}
            metrics={metrics}
            filters={filters}
            group={group}
            columns={ids}
            onFilters={(filters) => prefer((old) => ({ ...old, filters }))}
            onGroup={(group) => prefer((old) => ({ ...old, group }))}
            onColumns={(columns) => prefer((old) => ({ ...old, columns }))}
          />
          <div class="selection" hidden={taken.length === 0}>
            <span>{taken.length} chosen</span>
            <a class="button" href={address("compare", [], { runs: taken.map(({ id }) => id).join(",") })}>
              Compare
            </a>
            <button type="button" onClick={() => leave(taken)}>
              Delete …
            </button>
            <button type="button" class="plain" onClick={() => choose(new Set())}>
              Choose none
            </button>
          </div>
          {listed.length === 0 ? (
            <p>
              No run passes the filters.{" "}
              <button type="button" onClick={() => prefer((old) => ({ ...old, filters: INITIAL.filters }))}>
                Show all
              </button>
            </p>
          ) : (
            <Table
              lines={lines}
              columns={columns}
              sorting={sorting}
              chosen={chosen}
              actions={actions}
              onSort={sort}
              onChoose={select}
              onToggle={toggle}
            />
          )}
        </>
      )}
      {leaving.length > 0 && (
        <RemoveDialog runs={leaving} onConfirm={() => discard(leaving)} onClose={() => leave([])} />
      )}
    </section>
  );
}

function NoRuns({ folders }: { readonly folders: readonly string[] }) {
  return (
    <div class="panel empty">
      <h2>No runs yet</h2>
      <p>
        A run appears here as soon as it writes into {folders.join(" or ") || "the folder"}, wherever it was started.{" "}
        <a href={address("new")}>Start one</a>, or in a shell:
      </p>
      <pre>
        <code>vera train --preset quickstart --save-dir {folders[0] ?? "runs"}/quickstart</code>
      </pre>
    </div>
  );
}
