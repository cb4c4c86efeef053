/** What changes on the server's disk, as it tells of it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Change } from "../../src/studio/api.js";

type Listener = (change: Change) => void;

/** One connection for the page: browsers have few for a host. */
let source: EventSource | null = null;
const listeners = new Set<Listener>();
const watchers = new Set<(connected: boolean) => void>();
/** What a page missed while it was not connected is unknown: the views ask for all of it. */
const ALL: Change = { runs: [], list: true };

const isChange = (value: unknown): value is Change =>
  typeof value === "object" && value !== null && "runs" in value && Array.isArray(value.runs) && "list" in value;

function connect(): void {
  if (source !== null) return;
  source = new EventSource("/api/events");
  let interrupted = false;
  const tell = (connected: boolean) => {
    for (const watcher of watchers) watcher(connected);
  };
  source.onopen = () => {
    if (interrupted) for (const listener of listeners) listener(ALL);
    interrupted = false;
    tell(true);
  };
  source.onerror = () => {
    interrupted = true;
    tell(false);
  };
  source.onmessage = ({ data }) => {
    const change: unknown = JSON.parse(data);
    if (isChange(change)) for (const listener of listeners) listener(change);
  };
}

/** Calls `changed` at every change; says whether the server is there to tell of any: null before that is known. */
export function useChanges(changed: Listener): boolean | null {
  const latest = useRef(changed);
  latest.current = changed;
  const [connected, set] = useState<boolean | null>(source?.readyState === EventSource.OPEN ? true : null);
  useEffect(() => {
    const listener: Listener = (change) => latest.current(change);
    listeners.add(listener);
    watchers.add(set);
    connect();
    return () => {
      listeners.delete(listener);
      watchers.delete(set);
      if (listeners.size === 0) {
        source?.close();
        source = null;
      }
    };
  }, []);
  return connected;
}

/** A function that runs `work` at most once in so many milliseconds, the last time it was asked for included; never twice at a time. */
export function useThrottled(work: () => Promise<void>, milliseconds: number): () => void {
  const latest = useRef(work);
  latest.current = work;
  const [throttled] = useState(() => {
    let running = false;
    let wanted = false;
    const run = async () => {
      running = true;
      wanted = false;
      await latest.current();
      setTimeout(() => {
        running = false;
        if (wanted) run();
      }, milliseconds);
    };
    return () => {
      wanted = true;
      if (!running) run();
    };
  });
  return throttled;
}
