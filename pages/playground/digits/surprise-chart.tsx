/** Where f of the drawing lies among f of digits that were held out. */
import { scaleOf } from "../plane/scale.js";
import { binned } from "./bins.js";

interface Props {
  /** Ascending. */
  readonly heldout: readonly number[];
  readonly logDensity: number;
  readonly surprise: number;
}

const [WIDTH, HEIGHT] = [560, 130];
const BINS = 30;

export function SurpriseChart({ heldout, logDensity, surprise }: Props) {
  const { low, high, counts } = binned(heldout, BINS, logDensity);
  const x = scaleOf([low, high], [8, WIDTH - 8]);
  const y = scaleOf([0, Math.max(...counts)], [0, HEIGHT - 40]);
  const inside = Math.max(low, Math.min(high, logDensity));
  const step = (x(high) - x(low)) / BINS;
  const place = x(inside);
  const anchor = place < 90 ? "start" : place > WIDTH - 90 ? "end" : "middle";
  return (
    <figure class="curve">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`f of the drawing is ${logDensity.toFixed(1)}; ${(100 * surprise).toFixed(0)} percent of digits held out have a higher one`}
      >
        {counts.map((n, i) => (
          <rect
            key={String(i)}
            class="held"
            x={x(low) + i * step}
            y={HEIGHT - 22 - y(n)}
            width={step - 1}
            height={y(n)}
          />
        ))}
        <line class="drawing-line" x1={place} x2={place} y1={16} y2={HEIGHT - 22} />
        <text x={place} y={12} text-anchor={anchor}>
          the drawing{inside === logDensity ? "" : logDensity < low ? ", far below" : ", far above"}
        </text>
        <text x={8} y={HEIGHT - 6}>
          f = {low.toFixed(0)}
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 6} text-anchor="end">
          {high.toFixed(0)}
        </text>
        <text x={WIDTH / 2} y={HEIGHT - 6} text-anchor="middle">
          f of 180 digits held out
        </text>
      </svg>
    </figure>
  );
}
