/** One run: its curves and figures at a moment, what they say, its settings and its log. */
import { useMemo, useState } from "preact/hooks";
import { CurveControls, PLAIN } from "../curve-controls.js";
import { type Notice, NoticeLine } from "../notice.js";
import { address } from "../route.js";
import type { ViewProps } from "../views.js";
import { Configuration } from "./configuration.js";
import { CurveCharts } from "./curves.js";
import { Diagnoses } from "./diagnoses.js";
import { Figures, stopsOf } from "./figures.js";
import { RunHead } from "./head.js";
import { RunLog } from "./log.js";
import { Moment } from "./moment.js";
import { TestResults } from "./test-results.js";
import { useRun } from "./use-run.js";
import "./run.css";

export function RunView({ route }: ViewProps) {
  const id = route.rest[0] ?? "";
  const { run, curves, log, problem, isGone, connected, refresh } = useRun(id);
  const [style, restyle] = useState(PLAIN);
  /** Null: the end, wherever that is. */
  const [chosen, choose] = useState<number | null>(null);
  const [notice, tell] = useState<Notice | null>(null);
  const stops = useMemo(() => (run ? stopsOf(run.figures) : []), [run]);

  if (run === null || isGone) {
    if (problem === null) return <p class="quiet">Loading the run …</p>;
    return (
      <div class="panel empty">
        <h1>{isGone ? "There is no such run" : "The run cannot be shown"}</h1>
        <p>{problem}</p>
        <p>
          <a href={address("runs")}>To the runs</a>
        </p>
      </div>
    );
  }
  const last = Math.max(run.iteration, stops.at(-1) ?? 0);
  const at = Math.min(chosen ?? last, last);
  const move = (iteration: number) => choose(Math.max(0, Math.min(last, Math.round(iteration))));
  return (
    <article class="run-view">
      <RunHead run={run} connected={connected} onNotice={tell} onChanged={refresh} />
      <NoticeLine notice={notice} onClose={() => tell(null)} />
      {problem !== null && <p class="warning">Not up to date: {problem}</p>}
      <Moment
        iteration={at}
        last={last}
        stops={stops}
        follows={chosen === null}
        onMove={move}
        onFollow={() => choose(chosen === null ? last : null)}
      />
      <div class="run-columns">
        <section class="run-curves" aria-label="Curves">
          <CurveControls style={style} iterations={run.iteration} onStyle={restyle} />
          <CurveCharts run={run} curves={curves} style={style} at={at} onPick={move} />
        </section>
        <div class="run-side">
          <Diagnoses diagnoses={run.diagnoses} />
          <TestResults run={run} />
          <section aria-label="Figures">
            <Figures run={run} at={at} />
          </section>
        </div>
      </div>
      <div class="run-columns below">
        <Configuration run={run} />
        <div class="run-side">
          <RunLog lines={log} />
          <section class="panel command" aria-labelledby="command">
            <h2 id="command">Go on in a shell</h2>
            <pre>
              <code>{run.command}</code>
            </pre>
          </section>
        </div>
      </div>
    </article>
  );
}
