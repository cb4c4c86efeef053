/** Runs that train or wait for their turn. */
import { useState } from "preact/hooks";
import type { RunSummary } from "../../../src/studio/api.js";
import { counted } from "../../shared/numbers.js";
import { address } from "../route.js";
import { useRuns } from "../runs/use-runs.js";
import { post } from "../server.js";
import { Progress, StateMark } from "../state-mark.js";

const NO_METRICS: readonly string[] = [];

/** @param started a run that was just started here, whatever became of it */
export function QueuePanel({ started }: { readonly started: RunSummary | null }) {
  const { runs, problem, replace } = useRuns(NO_METRICS);
  const [trouble, tell] = useState<string | null>(null);
  const active = (runs ?? []).filter(
    ({ state, id }) => state === "training" || state === "waiting" || id === started?.id,
  );
  const cancel = (run: RunSummary) =>
    post<RunSummary>(`/api/runs/${encodeURIComponent(run.id)}/stop`).then(
      (by) => replace(run.id, by),
      (error: Error) => tell(error.message),
    );
  return (
    <section class="panel" aria-labelledby="new-queue">
      <h2 id="new-queue">The queue</h2>
      {(problem ?? trouble) !== null && <p class="warning">{problem ?? trouble}</p>}
      {active.length === 0 && <p class="quiet">Nothing trains. Runs are trained one after another.</p>}
      <ul class="queue">
        {[...active]
          .sort((a, b) => a.started - b.started)
          .map((run) => (
            <li key={run.id}>
              <div class="line">
                <a href={address("runs", [run.id])}>{run.name}</a>
                <StateMark state={run.state} problem={run.problem} />
                <span class="quiet">
                  {run.iteration > 0 && `iteration ${counted(run.iteration)}`}
                  {run.iterations !== null && run.iteration > 0 && ` of ${counted(run.iterations)}`}
                </span>
                {(run.state === "training" || run.state === "waiting") && (
                  <button type="button" onClick={() => cancel(run)}>
                    {run.state === "waiting" ? "Take it out" : "Stop"}
                  </button>
                )}
                {run.state === "done" && run.hasModel && <a href={address("ask", [run.id])}>Ask the model</a>}
              </div>
              {run.state === "training" && (
                <Progress iteration={run.iteration} iterations={run.iterations} label={`Iterations of ${run.name}`} />
              )}
              {run.problem !== null && <p class="warning">{run.problem}</p>}
            </li>
          ))}
      </ul>
    </section>
  );
}
