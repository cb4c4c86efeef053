/** NLL of all methods by iteration, against the data's entropy. */
import { METHODS, type Method } from "../settings/settings.js";
import { METHOD_TEXTS } from "../text/methods.js";
import { scaleOf, ticks } from "./scale.js";

interface Props {
  readonly curves: Readonly<Partial<Record<Method, readonly { readonly iteration: number; readonly nll: number }[]>>>;
  readonly entropy: number | null;
  /** That is looked at; null for the last. */
  readonly iteration: number | null;
}

const [WIDTH, HEIGHT] = [640, 230];
const EDGE = { left: 44, right: 12, top: 10, bottom: 36 };

export function Curve({ curves, entropy, iteration }: Props) {
  const all = Object.values(curves).flat();
  const most = Math.max(100, ...all.map((p) => p.iteration));
  const levels = all.map((p) => p.nll).filter(Number.isFinite);
  const low = Math.min(entropy ?? Number.POSITIVE_INFINITY, ...levels, 3) - 0.3;
  const high = Math.min(low + 2.5, Math.max(low + 0.5, ...levels.map((v) => v + 0.05)));
  const x = scaleOf([0, most], [EDGE.left, WIDTH - EDGE.right]);
  const y = scaleOf([low, high], [HEIGHT - EDGE.bottom, EDGE.top]);
  const path = (curve: readonly { readonly iteration: number; readonly nll: number }[]) =>
    curve
      .map((p, i) => `${i === 0 ? "M" : "L"}${x(p.iteration).toFixed(1)} ${y(Math.min(p.nll, high)).toFixed(1)}`)
      .join("");
  return (
    <figure class="curve">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label="Negative log-likelihood of test points by iteration, in nats"
      >
        {ticks(low, high, 5).map((v) => (
          <g key={v}>
            <line class="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(v)} y2={y(v)} />
            <text x={EDGE.left - 6} y={y(v) + 4} text-anchor="end">
              {v.toFixed(1)}
            </text>
          </g>
        ))}
        {ticks(0, most, 6).map((v) => (
          <text key={v} x={x(v)} y={HEIGHT - EDGE.bottom + 16} text-anchor="middle">
            {v}
          </text>
        ))}
        <text x={(EDGE.left + WIDTH) / 2} y={HEIGHT - 4} text-anchor="middle">
          iteration
        </text>
        <text transform={`translate(11 ${(HEIGHT - EDGE.bottom) / 2}) rotate(-90)`} text-anchor="middle">
          NLL, nats
        </text>
        {entropy !== null && (
          <g class="entropy">
            <line x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(entropy)} y2={y(entropy)} />
            <text x={WIDTH - EDGE.right} y={y(entropy) + 15} text-anchor="end">
              entropy of the data, {entropy.toFixed(2)}
            </text>
          </g>
        )}
        {METHODS.map((method) => {
          const curve = curves[method];
          return curve !== undefined && <path key={method} class={`line ${method}`} d={path(curve)} />;
        })}
        {iteration !== null && (
          <line class="now" x1={x(iteration)} x2={x(iteration)} y1={EDGE.top} y2={HEIGHT - EDGE.bottom} />
        )}
      </svg>
      <figcaption>
        {METHODS.filter((method) => curves[method] !== undefined).map((method) => (
          <span key={method} class={`key ${method}`}>
            {METHOD_TEXTS[method].name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
