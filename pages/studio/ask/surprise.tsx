/** Where an input stands among data held out, by its log-density. */
import type { Answer, HeldOut } from "../../../src/studio/ask-api.js";
import { counted, shown, ticks } from "../../shared/numbers.js";
import { percent } from "./bars.js";

const WIDTH = 340;
const HEIGHT = 160;
const [LEFT, BOTTOM, TOP, RIGHT] = [52, 40, 22, 10];

interface SurpriseProps {
  readonly heldout: HeldOut;
  readonly answer: Answer;
}

export function Surprise({ heldout, answer }: SurpriseProps) {
  const { range, shares, threshold, count, rate } = heldout;
  const { logDensity, surprise } = answer;
  const [low, high] = range;
  const most = Math.max(...shares, 0.01);
  const x = (value: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (value - low)) / (high - low);
  const y = (share: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * share) / most;
  const width = (WIDTH - LEFT - RIGHT) / shares.length;
  // Far outside it is told by an arrow at the edge.
  const beside = logDensity === null ? null : logDensity < low ? "left" : logDensity > high ? "right" : null;
  const at = logDensity === null ? null : x(Math.min(high, Math.max(low, logDensity)));
  const xs = niceTicks(low, high, 4);
  const ys = niceTicks(0, most, 3);
  const text =
    logDensity === null
      ? "the log-density is no finite number"
      : `f(x) = ${shown(logDensity)}: ${surprise === null ? "" : `${percent(surprise)} of held-out data are likelier`}`;
  return (
    <figure class="surprise">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Histogram of held-out log-densities; ${text}`}>
        {ys.map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} class="grid" />
            <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">
              {`${Number((100 * value).toPrecision(2))} %`}
            </text>
          </g>
        ))}
        {shares.map((share, i) => (
          <rect
            key={i}
            x={LEFT + i * width + 0.5}
            width={Math.max(0.5, width - 1)}
            y={y(share)}
            height={Math.max(0, HEIGHT - BOTTOM - y(share))}
            class="bin"
          />
        ))}
        {threshold !== null && threshold > low && threshold < high && (
          <line x1={x(threshold)} x2={x(threshold)} y1={TOP} y2={HEIGHT - BOTTOM} class="threshold" />
        )}
        {at !== null && (
          <g class="mark">
            <line x1={at} x2={at} y1={TOP - 4} y2={HEIGHT - BOTTOM} />
            <text x={at} y={TOP - 8} text-anchor={at < WIDTH / 3 ? "start" : at > (2 * WIDTH) / 3 ? "end" : "middle"}>
              {beside === "left" ? "◀ " : ""}
              {`this: ${shown(logDensity)}`}
              {beside === "right" ? " ▶" : ""}
            </text>
          </g>
        )}
        {xs.map((value, i) => (
          <text key={value} x={x(value)} y={HEIGHT - BOTTOM + 15} text-anchor="middle">
            {ticks(xs)[i]}
          </text>
        ))}
        <text x={-(TOP + HEIGHT - BOTTOM) / 2} y="11" transform="rotate(-90)" text-anchor="middle">
          share of examples
        </text>
        <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">
          log-density f(x), in nats
        </text>
      </svg>
      <figcaption class="quiet">
        {counted(count)} examples held out.
        {threshold !== null && ` Below the dashed line inputs are flagged: ${percent(rate)} of data like these are.`}
      </figcaption>
    </figure>
  );
}

function niceTicks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}
