/** Of views that are of one run: which. */
import { counted } from "../shared/numbers.js";
import { address } from "./route.js";
import { useRuns } from "./runs/use-runs.js";
import { StateMark } from "./state-mark.js";

const NO_METRICS: readonly string[] = [];

interface ChooseRunProps {
  readonly view: string;
  readonly title: string;
  /** What it is chosen for, in a sentence. */
  readonly children: string;
}

export function ChooseRun({ view, title, children }: ChooseRunProps) {
  const { runs, problem } = useRuns(NO_METRICS);
  const some = runs?.filter(({ hasModel }) => hasModel);
  return (
    <>
      <header class="view-head">
        <h1>{title}</h1>
      </header>
      <p>{children}</p>
      {problem !== null && <p class="warning">{problem}</p>}
      {some === undefined && problem === null && <p class="quiet">Loading …</p>}
      {some?.length === 0 && (
        <p>
          No run has a model yet. <a href={address("new")}>Train one</a>
        </p>
      )}
      <ul class="choose-run">
        {[...(some ?? [])]
          .sort((a, b) => b.updated - a.updated)
          .map(({ id, name, state, data, mode, iteration }) => (
            <li key={id}>
              <a href={address(view, [id])}>{name}</a> <StateMark state={state} />{" "}
              <span class="quiet">
                {data} · {mode} · iteration {counted(iteration)}
              </span>
            </li>
          ))}
      </ul>
    </>
  );
}
