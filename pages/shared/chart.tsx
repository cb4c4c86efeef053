/** Curves, drawn by uPlot on a canvas: quick with many points, and redrawn as they grow. The legend is HTML, with values at the pointer. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { align, type Line, valueAt } from "./align.js";
import { type Colours, colourOf, colourVariable, dashOf, useColours } from "./colours.js";
import { powerTicks, shown, ticks } from "./numbers.js";
import { Told } from "./told.js";
import "uplot/dist/uPlot.min.css";
import "./chart.css";

export interface ChartLine extends Line {
  readonly label: string;
  /** Which of the theme's colours (and dashes, beyond them). Default its place among the lines. */
  readonly colour?: number;
  /** What it means, told where the pointer or the focus is on its name. */
  readonly about?: string | null;
  /** The curve before smoothing, drawn faintly behind. */
  readonly raw?: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly xLabel: string;
  /** Name of the axis, with its unit. */
  readonly yLabel: string;
  /** Of y: logarithmic, or the symmetric kind where values are not all above zero. */
  readonly log?: boolean;
  readonly height?: number;
  /** A place on x that a line marks. */
  readonly mark?: number | null;
  /** A click picks a place on x. */
  readonly onPick?: (x: number) => void;
  /** Range of y that is always in sight. */
  readonly include?: readonly [number, number];
  /** Beside the title. */
  readonly children?: ComponentChildren;
}

type Scale = "linear" | "log" | "symlog";

export function Chart(props: ChartProps) {
  const { title, lines, xLabel, yLabel, height = 220, mark = null } = props;
  const colours = useColours();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, point] = useState<number | null>(null);
  // What hooks of a plot look at: they outlive the render that made them.
  const now = useRef({ mark, onPick: props.onPick });
  now.current = { mark, onPick: props.onPick };

  const data = useMemo(
    () => align(lines.flatMap((line) => (line.raw ? [{ ...line, y: line.raw }, line] : [line]))),
    [lines],
  );
  const scale = useMemo(() => scaleOf(lines, props.log ?? false), [lines, props.log]);
  const low = props.include?.[0];
  const high = props.include?.[1];
  // A new plot only where something else than its points changed.
  const structure = JSON.stringify([
    lines.map((l) => [l.label, l.colour, l.raw !== undefined]),
    scale,
    low,
    high,
    xLabel,
    yLabel,
  ]);

  useEffect(() => {
    const at = holder.current!;
    const options = optionsOf(props, scale, colours, at.clientWidth, height, {
      pointed: (x) => point(x),
      picked: (x) => now.current.onPick?.(x),
      mark: () => now.current.mark,
    });
    const made = new uPlot(options, data, at);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (at.clientWidth > 0 && at.clientWidth !== made.width) made.setSize({ width: at.clientWidth, height });
    });
    observer.observe(at);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [structure, colours, height]);

  useEffect(() => {
    if (plot.current && plot.current.data !== data) plot.current.setData(data);
  }, [data]);

  useEffect(() => plot.current?.redraw(false, false), [mark]);

  const at = pointed ?? mark ?? Number.POSITIVE_INFINITY;
  const values = lines.map((line) => valueAt(line, at));
  const summary = lines.map((line, i) => `${line.label} ${shown(values[i])}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {props.children}
      </figcaption>
      <div class="plot" ref={holder} role="img" aria-label={`${title}, ${yLabel} by ${xLabel}: ${summary}`} />
      <ul class="legend">
        {lines.map((line, i) => (
          <li key={line.label}>
            <Key index={line.colour ?? i} />
            <Told about={line.about ?? null}>{line.label}</Told>
            <span class="value">{shown(values[i])}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** A piece of a line, as in a legend. */
export function Key({ index }: { readonly index: number }) {
  const dashed = dashOf(index).length > 0;
  const colour = colourVariable(index);
  const style = dashed
    ? { background: `repeating-linear-gradient(90deg, ${colour} 0 5px, transparent 5px 8px)` }
    : { background: colour };
  return <span class="key" style={style} aria-hidden="true" />;
}

function scaleOf(lines: readonly ChartLine[], log: boolean): Scale {
  if (!log) return "linear";
  const all = lines.flatMap((line) => [...line.y, ...(line.raw ?? [])]);
  return all.every((v) => v === null || v > 0) ? "log" : "symlog";
}

interface Hooks {
  readonly pointed: (x: number | null) => void;
  readonly picked: (x: number) => void;
  readonly mark: () => number | null;
}

function optionsOf(
  props: ChartProps,
  scale: Scale,
  colours: Colours,
  width: number,
  height: number,
  hooks: Hooks,
): uPlot.Options {
  const grid = { stroke: colours.line, width: 1 };
  const axis = { stroke: colours.quiet, grid, ticks: { ...grid, size: 5 }, font: "12px Inter, system-ui, sans-serif" };
  const label = { labelFont: "12px Inter, system-ui, sans-serif", labelSize: 20, labelGap: 2 };
  const { include } = props;
  const range: uPlot.Scale.Range = (_, low, high) => {
    if (low === null || high === null) return [0, 1];
    const from = include ? Math.min(include[0], low) : low;
    const to = include ? Math.max(include[1], high) : high;
    if (scale !== "linear")
      return scale === "log" ? uPlot.rangeLog(from, to, 10, false) : uPlot.rangeAsinh(from, to, 10, false);
    const room = to > from ? (to - from) * 0.06 : Math.abs(to) * 0.1 || 1;
    return include ? [from, to] : [from - room, to + room];
  };
  return {
    width: Math.max(width, 50),
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: { range, distr: scale === "linear" ? 1 : scale === "log" ? 3 : 4 } },
    series: [{}, ...props.lines.flatMap((line, i) => seriesOf(line, line.colour ?? i, colours))],
    axes: [
      { ...axis, ...label, label: props.xLabel, size: 34, space: 60, values: (_, at) => ticks(at) },
      {
        ...axis,
        ...label,
        label: scale === "symlog" ? `${props.yLabel} (symmetric log)` : props.yLabel,
        size: (_, values) => 14 + 7 * Math.max(3, ...(values ?? []).map((v) => v.length)),
        space: 32,
        values: (_, at) => (scale === "linear" ? ticks(at) : powerTicks(at)),
      },
    ],
    cursor: {
      points: { size: 7 },
      bind: {
        click: (plot) => {
          const left = plot.cursor.left ?? -1;
          if (left >= 0) hooks.picked(plot.posToVal(left, "x"));
          return null;
        },
      },
    },
    hooks: {
      setCursor: [({ cursor, data }) => hooks.pointed(cursor.idx == null ? null : data[0][cursor.idx]!)],
      draw: [(plot) => drawMark(plot, hooks.mark(), colours.accent)],
    },
  };
}

function seriesOf(line: ChartLine, index: number, colours: Colours): uPlot.Series[] {
  const stroke = colourOf(colours, index);
  const plain = { label: line.label, stroke, width: 1.75, dash: [...dashOf(index)], points: { size: 4, fill: stroke } };
  if (!line.raw) return [plain];
  return [
    { ...plain, width: 1, alpha: 0.3, points: { show: false } },
    { ...plain, width: 2 },
  ];
}

function drawMark(plot: uPlot, at: number | null, colour: string): void {
  const { min, max } = plot.scales.x!;
  if (at === null || min == null || max == null || at < min || at > max) return;
  const x = Math.round(plot.valToPos(at, "x", true)) + 0.5;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio * 1.5;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
