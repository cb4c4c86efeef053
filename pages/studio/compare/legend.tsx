/** Which line is which run; a run's button takes it out of the charts. */
import { Key } from "../../shared/chart.js";
import { address } from "../route.js";
import { StateMark } from "../state-mark.js";
import type { Member } from "./members.js";

interface LegendProps {
  readonly members: readonly Member[];
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
}

export function Legend({ members, hidden, onToggle }: LegendProps) {
  return (
    <ul class="compare-legend">
      {members.map(({ run, colour, label }) => (
        <li key={run.id} class={hidden.has(run.id) ? "out" : ""}>
          <label>
            <input
              type="checkbox"
              checked={!hidden.has(run.id)}
              onChange={() => onToggle(run.id)}
              aria-label={`Show ${label}`}
            />
            <Key index={colour} />
          </label>
          <a href={address("runs", [run.id])}>{label}</a>
          <StateMark state={run.state} problem={run.problem} />
        </li>
      ))}
    </ul>
  );
}
