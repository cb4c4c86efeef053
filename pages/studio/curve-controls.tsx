/** How curves are drawn: smoothed over so many iterations, on which scale. */
import { counted } from "../shared/numbers.js";
import "./curve-controls.css";

export interface CurveStyle {
  /** 0 to 1, of the slider. */
  readonly smoothing: number;
  readonly log: boolean;
}

export const PLAIN: CurveStyle = { smoothing: 0, log: false };

/** Iterations that the slider means: up to a third of the run, finer at its lower end. */
export const spanOf = (smoothing: number, iterations: number): number => (smoothing ** 2 * iterations) / 3;

interface ControlsProps {
  readonly style: CurveStyle;
  readonly iterations: number;
  readonly onStyle: (style: CurveStyle) => void;
}

export function CurveControls({ style, iterations, onStyle }: ControlsProps) {
  const span = Math.round(spanOf(style.smoothing, iterations));
  return (
    <div class="curve-controls">
      <label>
        Smoothing{" "}
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={style.smoothing}
          aria-valuetext={span === 0 ? "none" : `over ${span} iterations`}
          onInput={(event) => onStyle({ ...style, smoothing: event.currentTarget.valueAsNumber })}
        />{" "}
        <output>{span === 0 ? "none" : `over ${counted(span)} iterations`}</output>
      </label>
      <label>
        <input
          type="checkbox"
          checked={style.log}
          onChange={(event) => onStyle({ ...style, log: event.currentTarget.checked })}
        />{" "}
        Log scale
      </label>
    </div>
  );
}
