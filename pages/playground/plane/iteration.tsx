/** One iteration, step by step: the text with its equation, and the numbers of the last one taken apart. */

import { INKS } from "../draw/landscape.js";
import type { Method } from "../settings/settings.js";
import { METHOD_TEXTS } from "../text/methods.js";
import type { Mark, Parts } from "../train/protocol.js";

interface Props {
  readonly method: Method;
  readonly parts: Parts | null;
  /** The phase that the landscape shows; null where it shows none. */
  readonly phase: number | null;
  readonly onPhase: (phase: number | null) => void;
}

const number = (v: number): string =>
  Number.isInteger(v) ? String(v) : Math.abs(v) >= 100 ? v.toFixed(0) : v.toPrecision(3);

export function Iteration({ method, parts, phase, onPhase }: Props) {
  const { name, about, paper, phases } = METHOD_TEXTS[method];
  return (
    <section class="iteration" aria-labelledby="iteration-title">
      <h2 id="iteration-title">One iteration of {name}</h2>
      <p class="quiet">
        {about} <cite>({paper})</cite>
      </p>
      <ol class="phases">
        {phases.map(({ title, text, equation }, k) => (
          <li key={title} class={phase === k ? "panel current" : "panel"}>
            <button
              type="button"
              class="phase"
              aria-pressed={phase === k}
              disabled={parts === null}
              onClick={() => onPhase(phase === k ? null : k)}
            >
              {k + 1} · {title}
            </button>
            <p>{text}</p>
            {equation}
            {parts !== null && (
              <>
                <dl class="numbers">
                  {parts.phases[k]!.numbers.map(([what, value]) => (
                    <div key={what}>
                      <dt>{what}</dt>
                      <dd>{number(value)}</dd>
                    </div>
                  ))}
                </dl>
                {phase === k && (
                  <Legend marks={parts.phases[k]!.marks} change={parts.phases[k]!.change !== undefined} />
                )}
              </>
            )}
          </li>
        ))}
      </ol>
      <p class="quiet">
        {parts === null
          ? "“One step” does a single iteration and takes it apart, with the numbers it was done with."
          : `Iteration ${parts.iteration} as it was done. Choose a step to see it on the landscape.`}
      </p>
    </section>
  );
}

function Legend({ marks, change }: { readonly marks: readonly Mark[]; readonly change: boolean }) {
  return (
    <ul class="legend">
      {change && <li>change of log p: orange up, blue down</li>}
      {marks.map(({ label, kind, shape }) => (
        <li key={label}>
          <svg viewBox="0 0 16 12" aria-hidden="true">
            {shape === "points" ? (
              <circle cx="8" cy="6" r="4" fill={INKS[kind]} />
            ) : (
              <path d={shape === "lines" ? "M1 6h14" : "M1 6h13m-4-4 4 4-4 4"} stroke={INKS[kind]} />
            )}
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
