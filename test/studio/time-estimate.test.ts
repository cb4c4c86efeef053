/** How long a new run is said to take. */
import { describe, expect, test } from "vitest";
import type { LogEntry } from "../../src/runs/folder/log-file.js";
import { paceOf, timeOf } from "../../src/studio/jobs/time-estimate.js";
import type { SavedSettings } from "../../src/studio/runs/saved-settings.js";

const at = (seconds: number, iteration: number, more: Partial<LogEntry> = {}): LogEntry => ({
  time: 1000 * seconds,
  iteration,
  text: "",
  ...more,
});
const begun = (seconds: number, iteration: number) => at(seconds, iteration, { iterations: 1000 });
const ended = (seconds: number, iteration: number, end: LogEntry["end"] = "done") =>
  at(seconds, iteration, { end: end! });
const latest = (seconds: number, iteration: number) => ({ updated: 1000 * seconds, iteration });

describe("the pace of a run", () => {
  test.each<[string, pace: number | null, entries: LogEntry[], latest?: { updated: number; iteration: number }]>([
    ["from begin to end", 20, [at(0, 0), begun(5, 0), at(20, 500), ended(55, 1000)]],
    [
      "of the last time that it went on",
      10,
      [begun(0, 0), ended(100, 500, "stopped"), begun(9000, 500), ended(9050, 1000)],
    ],
    ["as far as one that trains is", 5, [begun(0, 0), at(3, 10)], latest(40, 200)],
    ["short ones that are done count", 100, [begun(0, 0), ended(1, 100)]],
    ["ones that have hardly begun do not", null, [begun(0, 0)], latest(9, 30)],
    ["nor those that diverged at once", null, [begun(0, 0), ended(5, 50, "diverged")]],
    ["nor those without iterations", null, [begun(0, 0), ended(50, 0)]],
    ["nor those without a log", null, [], latest(400, 2000)],
  ])("%s", (_, pace, entries, summary = latest(1e6, 1000)) => expect(paceOf({ entries, summary })).toBe(pace));
});

const saved = (values: SavedSettings["values"] = {}, data = "moons"): SavedSettings => ({
  data,
  mode: "vera",
  architecture: "toy",
  values,
});
const run = (seconds: number, settings: SavedSettings) => ({
  summary: latest(1e6, 1000),
  saved: settings,
  entries: [begun(0, 0), ended(seconds, 1000)],
});

test("the median of runs that cost as much: other rates and seeds do, other sizes, terms and data do not", () => {
  const trained = [
    run(100, saved({ lr: 0.1, seed: 7, pgControl: 0.1 })),
    run(50, saved({ pgControl: 1, batchSize: 200 })), // which is the default
    run(20, saved({ pgControl: 0.1, hDim: 100 })),
    run(1, saved({ pgControl: 0.1, batchSize: 64 })),
    run(1, saved({ pgControl: 0 })),
    run(1, saved({ pgControl: 0.1 }, "rings")),
  ];
  expect(timeOf(saved({ pgControl: 0.2 }), 3000, trained)).toEqual({
    milliseconds: 150_000,
    iterations: 3000,
    runs: 3,
    pace: 20,
    slowest: 10,
    fastest: 50,
  });
  expect(timeOf(saved({ pgControl: 0.2 }), 3000, trained.slice(0, 2))).toMatchObject({ pace: 15, runs: 2 });
});

test("nothing is said where nothing like it was trained, nor of what is fitted", () => {
  const trained = [run(100, saved())];
  expect(timeOf(saved({}, "rings"), 1000, trained)).toBeNull();
  expect(timeOf(saved(), 1000, [])).toBeNull();
  expect(timeOf(saved(), 0, trained)).toBeNull();
});
