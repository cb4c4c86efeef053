/** What the colours of a landscape stand for. */
import { viridis } from "../../../src/figures/colormap.js";
import { ticks } from "../../shared/numbers.js";
import { places } from "./draw.js";

interface ColourScaleProps {
  readonly range: readonly [number, number];
  readonly title: string;
}

const [WIDTH, HEIGHT, LEFT, BAR] = [320, 44, 10, 300] as const;
const STOPS = Array.from({ length: 17 }, (_, i) => i / 16);

export function ColourScale({ range: [low, high], title }: ColourScaleProps) {
  const values = places(low, high, 5);
  const texts = ticks(values);
  const x = (value: number) => LEFT + (BAR * (value - low)) / (high - low || 1);
  return (
    <figure class="colour-scale">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${title}: colours from ${low.toPrecision(3)} (dark) to ${high.toPrecision(3)} (bright)`}
      >
        <defs>
          <linearGradient id="viridis">
            {STOPS.map((t) => (
              <stop key={t} offset={t} stop-color={`rgb(${viridis(t).join(" ")})`} />
            ))}
          </linearGradient>
        </defs>
        <rect x={LEFT} y="2" width={BAR} height="16" fill="url(#viridis)" />
        {values.map((value, i) => (
          <g key={value}>
            <line x1={x(value)} x2={x(value)} y1="18" y2="22" class="tick" />
            <text x={x(value)} y="36" text-anchor="middle">
              {texts[i]}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}
