/** Parallel coordinates: a line for each run over its settings and its results. */
import { useEffect, useRef, useState } from "preact/hooks";
import { colourVariable, dashOf } from "../../shared/colours.js";
import { metricAxis, settingAxis } from "./axes.js";
import type { Member } from "./members.js";
import { betterPart } from "./telling.js";

interface ParallelProps {
  readonly members: readonly Member[];
  readonly differing: readonly string[];
  readonly metrics: readonly string[];
}

const HEIGHT = 290;
const TOP = 50;
const FOOT = 22;
/** Room that an axis needs for its name and ticks. */
const APART = 128;
const SIDE = 64;

export function Parallel({ members, differing, metrics }: ParallelProps) {
  const holder = useRef<HTMLElement>(null);
  const [room, measure] = useState(800);
  const [near, approach] = useState<string | null>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && measure(entry.contentRect.width));
    observer.observe(holder.current!);
    return () => observer.disconnect();
  }, []);
  const runs = members.map(({ run }) => run);
  const axes = [
    ...differing.map((name) => settingAxis(name, runs)),
    ...metrics.map((metric) => metricAxis(metric, betterPart(metric) ?? "last", runs)),
  ];
  const width = Math.max(room, 2 * SIDE + APART * (axes.length - 1));
  const x = (i: number): number =>
    axes.length === 1 ? width / 2 : SIDE + (i * (width - 2 * SIDE)) / (axes.length - 1);
  const y = (place: number): number => HEIGHT - FOOT - place * (HEIGHT - TOP - FOOT);
  const shown = members.find(({ run }) => run.id === near);
  return (
    <section class="panel parallel" aria-labelledby="parallel">
      <h2 id="parallel">Settings and results</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="wide-table" ref={holder} tabIndex={0} aria-label="Parallel coordinates">
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label="A line for each run over its settings and its results; the tables above have the numbers"
        >
          {axes.map((axis, i) => (
            <g key={`${axis.over} ${axis.name}`} transform={`translate(${x(i)} 0)`}>
              <text class="over" y={14} text-anchor="middle">
                {axis.over}
              </text>
              <text class="name" y={31} text-anchor="middle">
                {axis.name.length > 18 ? `${axis.name.slice(0, 17)}…` : axis.name}
                <title>{axis.name}</title>
              </text>
              <line y1={TOP} y2={HEIGHT - FOOT} />
            </g>
          ))}
          {members.map(({ run, colour }) => (
            <path
              key={run.id}
              class={near === null ? "" : near === run.id ? "near" : "far"}
              d={pathOf(
                axes.map(({ place }, i) => [x(i), place(run)] as const),
                y,
              )}
              stroke={colourVariable(colour)}
              stroke-dasharray={dashOf(colour).join(" ")}
            />
          ))}
          {axes.map((axis, i) =>
            axis.ticks.map(({ at, text }) => (
              <text key={`${i} ${at}`} class="tick" x={x(i) + 7} y={y(at) + 4}>
                {text}
              </text>
            )),
          )}
        </svg>
      </section>
      <ul class="compare-legend">
        {members.map(({ run, colour, label }) => (
          <li key={run.id}>
            <button
              type="button"
              class="plain"
              onMouseEnter={() => approach(run.id)}
              onMouseLeave={() => approach(null)}
              onFocus={() => approach(run.id)}
              onBlur={() => approach(null)}
            >
              <span class="key" style={{ background: colourVariable(colour) }} aria-hidden="true" /> {label}
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet values" role="status">
        {shown === undefined
          ? "Point at a run to see its line alone."
          : axes.map((axis) => `${axis.name} ${axis.text(shown.run)}`).join(" · ")}
      </p>
    </section>
  );
}

/** Broken where a run has no value. */
function pathOf(points: readonly (readonly [x: number, place: number | null])[], y: (place: number) => number): string {
  let path = "";
  let pen = "M";
  for (const [at, place] of points) {
    if (place === null) pen = "M";
    else {
      path += `${pen}${at.toFixed(1)} ${y(place).toFixed(1)}`;
      pen = "L";
    }
  }
  return path;
}
