/** The runs that the server knows, as they change. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RunDetail, RunList, RunSummary } from "../../../src/studio/api.js";
import { useChanges, useThrottled } from "../live.js";
import { ask } from "../server.js";

export interface Runs {
  /** Null before the first answer. */
  readonly runs: readonly RunSummary[] | null;
  readonly folders: readonly string[];
  /** Names of all metrics of all runs. */
  readonly metrics: readonly string[];
  readonly problem: string | null;
  readonly connected: boolean | null;
  /** Puts a run's newer summary in place of an older one, under whatever id that was. */
  readonly replace: (id: string, by: RunSummary | null) => void;
}

/** More changed at once: the whole list costs less. */
const FEW = 4;

/** @param wanted names of the metrics that the runs shall have */
export function useRuns(wanted: readonly string[]): Runs {
  const [list, setList] = useState<RunList | null>(null);
  const [problem, tell] = useState<string | null>(null);
  const waiting = useRef<{ all: boolean; ids: Set<string> }>({ all: true, ids: new Set() });

  const replace = (id: string, by: RunSummary | null) =>
    setList((old) => {
      if (old === null) return null;
      return { ...old, runs: old.runs.flatMap((run) => (run.id !== id ? [run] : by === null ? [] : [by])) };
    });

  const refresh = useThrottled(async () => {
    const { all, ids } = waiting.current;
    waiting.current = { all: false, ids: new Set() };
    try {
      if (all || ids.size > FEW)
        setList(await ask<RunList>(`/api/runs?${new URLSearchParams({ metrics: wanted.join(",") })}`));
      else for (const id of ids) replace(id, await ask<RunDetail>(`/api/runs/${encodeURIComponent(id)}`));
      tell(null);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
  }, 1000);

  const connected = useChanges(({ runs, list }) => {
    if (list) waiting.current.all = true;
    for (const id of runs) waiting.current.ids.add(id);
    refresh();
  });
  const names = [...wanted].sort().join(",");
  const asked = useRef<string | null>(null);
  useEffect(() => {
    if (asked.current === names) return;
    asked.current = names;
    waiting.current.all = true;
    refresh();
  }, [names]);
  const { runs = null, folders = [], metrics = [] } = list ?? {};
  return { runs, folders, metrics, problem, connected, replace };
}
