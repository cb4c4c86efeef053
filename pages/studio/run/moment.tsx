/** One slider for the whole page: at which iteration curves, samples, chains and all other figures are looked at. */
import { counted } from "../../shared/numbers.js";

interface MomentProps {
  readonly iteration: number;
  readonly last: number;
  /** Iterations that have figures, in order. */
  readonly stops: readonly number[];
  /** It stays at the end while the run goes on. */
  readonly follows: boolean;
  readonly onMove: (iteration: number) => void;
  readonly onFollow: () => void;
}

export function Moment({ iteration, last, stops, follows, onMove, onFollow }: MomentProps) {
  const before = stops.findLast((stop) => stop < iteration);
  const after = stops.find((stop) => stop > iteration);
  return (
    <div class="moment">
      <label for="moment">Iteration</label>
      <output for="moment">{counted(iteration)}</output>
      <button
        type="button"
        disabled={before === undefined}
        aria-label="Figures before"
        title="Figures before"
        onClick={() => before !== undefined && onMove(before)}
      >
        ◀
      </button>
      <input
        id="moment"
        aria-label="Iteration"
        type="range"
        min="0"
        max={last}
        step="1"
        value={iteration}
        list="moment-stops"
        onInput={(event) => onMove(event.currentTarget.valueAsNumber)}
      />
      <datalist id="moment-stops">
        {stops.map((stop) => (
          <option key={stop} value={stop} />
        ))}
      </datalist>
      <button
        type="button"
        disabled={after === undefined}
        aria-label="Figures after"
        title="Figures after"
        onClick={() => after !== undefined && onMove(after)}
      >
        ▶
      </button>
      <button type="button" aria-pressed={follows} onClick={onFollow} title="Stay at the end while it trains">
        Latest
      </button>
    </div>
  );
}
