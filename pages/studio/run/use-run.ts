/** One run, with its curves and its log, as they grow. */
import { useEffect, useState } from "preact/hooks";
import type { Curve, Curves, Log, LogLine, RunDetail } from "../../../src/studio/api.js";
import { useChanges, useThrottled } from "../live.js";
import { ask, ServerError } from "../server.js";

/** As many as a chart of its width can show. */
const POINTS = 600;

export interface LiveRun {
  /** Null before the first answer. */
  readonly run: RunDetail | null;
  readonly curves: ReadonlyMap<string, Curve>;
  readonly log: readonly LogLine[];
  readonly problem: string | null;
  /** There is no such run, or none any more. */
  readonly isGone: boolean;
  readonly connected: boolean | null;
  readonly refresh: () => void;
}

interface Loaded {
  readonly id: string;
  readonly run: RunDetail;
  readonly curves: ReadonlyMap<string, Curve>;
  readonly log: readonly LogLine[];
}

export const pathOf = (id: string): string => `/api/runs/${encodeURIComponent(id)}`;

export function useRun(id: string): LiveRun {
  const [loaded, load] = useState<Loaded | null>(null);
  const [failure, fail] = useState<{ readonly text: string; readonly isGone: boolean } | null>(null);
  const refresh = useThrottled(async () => {
    try {
      const run = await ask<RunDetail>(pathOf(id));
      const names = Object.keys(run.about).length > 0 ? Object.keys(run.about) : Object.keys(run.metrics);
      const [curves, log] = await Promise.all([askCurves(id, names, POINTS), ask<Log>(`${pathOf(id)}/log`)]);
      load({ id, run, curves, log: log.lines });
      fail(null);
    } catch (error) {
      const isGone = error instanceof ServerError && error.status === 404;
      fail({ text: error instanceof Error ? error.message : String(error), isGone });
    }
  }, 1000);
  const connected = useChanges(({ runs, list }) => {
    if (list || runs.includes(id)) refresh();
  });
  useEffect(refresh, [id]);
  const current = loaded?.id === id ? loaded : null;
  return {
    run: current?.run ?? null,
    curves: current?.curves ?? new Map(),
    log: current?.log ?? [],
    problem: failure?.text ?? null,
    isGone: failure?.isGone ?? false,
    connected,
    refresh,
  };
}

export async function askCurves(
  id: string,
  names: readonly string[],
  points: number,
): Promise<ReadonlyMap<string, Curve>> {
  if (names.length === 0) return new Map();
  const query = new URLSearchParams({ names: names.join(","), points: String(points) });
  const { curves } = await ask<Curves>(`${pathOf(id)}/curves?${query}`);
  return new Map(curves.filter(({ iteration }) => iteration.length > 0).map((curve) => [curve.name, curve]));
}
