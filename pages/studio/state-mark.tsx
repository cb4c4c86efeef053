/** What a run is doing, as a sign and a word: colour only adds to them. */
import type { RunState } from "../../src/studio/api.js";
import "./parts.css";

const SIGNS: Readonly<Record<RunState, { readonly sign: string; readonly tone: string }>> = {
  waiting: { sign: "◔", tone: "quiet" },
  training: { sign: "▶", tone: "training" },
  done: { sign: "✓", tone: "good" },
  stopped: { sign: "■", tone: "quiet" },
  diverged: { sign: "✕", tone: "warning" },
  broken: { sign: "!", tone: "note" },
};

export const STATES = Object.keys(SIGNS) as readonly RunState[];

export function StateMark({ state, problem }: { readonly state: RunState; readonly problem?: string | null }) {
  const { sign, tone } = SIGNS[state];
  return (
    <span class={`state-mark ${tone}`} title={problem ?? undefined}>
      <span aria-hidden="true">{sign}</span> {state}
    </span>
  );
}

/** How far a run is, where its end is known. */
export function Progress(props: {
  readonly iteration: number;
  readonly iterations: number | null;
  readonly label: string;
}) {
  const { iteration, iterations, label } = props;
  if (iterations === null || iterations <= 0) return null;
  return <progress value={Math.min(iteration, iterations)} max={iterations} aria-label={label} />;
}
