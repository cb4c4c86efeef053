/** Start, pause, one step, slow motion, begin anew; and the slider back through training. */

export type Motion = "still" | "running" | "slow";

interface Props {
  readonly motion: Motion;
  readonly ready: boolean;
  readonly iteration: number;
  readonly last: number;
  readonly onMotion: (motion: Motion) => void;
  readonly onStep: () => void;
  readonly onReset: () => void;
  /** Null for the last. */
  readonly onIteration: (iteration: number | null) => void;
}

export function Transport({ motion, ready, iteration, last, onMotion, onStep, onReset, onIteration }: Props) {
  return (
    <div class="transport">
      <div class="buttons">
        <button
          type="button"
          class="primary"
          disabled={!ready}
          onClick={() => onMotion(motion === "still" ? "running" : "still")}
        >
          {motion === "still" ? (last === 0 ? "Start training" : "Go on") : "Pause"}
        </button>
        <button type="button" disabled={!ready} onClick={onStep}>
          One step
        </button>
        <button
          type="button"
          disabled={!ready}
          aria-pressed={motion === "slow"}
          onClick={() => onMotion(motion === "slow" ? "still" : "slow")}
        >
          Slow motion
        </button>
        <button type="button" onClick={onReset}>
          Begin anew
        </button>
      </div>
      <label class="timeline">
        <span>
          Iteration <b>{iteration}</b>
          {iteration < last && <span class="quiet"> of {last}</span>}
        </span>
        <input
          type="range"
          min={0}
          max={Math.max(1, last)}
          value={iteration}
          disabled={last === 0}
          aria-label="Iteration that is shown: back through training"
          onInput={(event) => {
            const value = Number(event.currentTarget.value);
            onIteration(value >= last ? null : value);
          }}
        />
      </label>
    </div>
  );
}
