/** The charts of a run, a chart for each group of metrics. */
import { useMemo } from "preact/hooks";
import type { Curve, RunDetail } from "../../../src/studio/api.js";
import { Chart, type ChartLine } from "../../shared/chart.js";
import { smooth } from "../../shared/smoothing.js";
import { type CurveStyle, spanOf } from "../curve-controls.js";
import { groupMetrics, labelsOf, type MetricGroup } from "./metric-groups.js";

interface CurvesProps {
  readonly run: RunDetail;
  readonly curves: ReadonlyMap<string, Curve>;
  readonly style: CurveStyle;
  /** The iteration that is looked at. */
  readonly at: number;
  readonly onPick: (iteration: number) => void;
}

export function CurveCharts({ run, curves, style, at, onPick }: CurvesProps) {
  const names = [...curves.keys()];
  // The map is another at every answer; its names seldom are.
  const key = names.join(",");
  const groups = useMemo(() => groupMetrics(names), [key]);
  if (groups.length === 0) {
    return (
      <p class="panel empty">
        {run.state === "training" || run.state === "waiting"
          ? "No metrics yet: the first are written after a few iterations, and appear here by themselves."
          : "This run wrote no metrics."}
      </p>
    );
  }
  return (
    <div class="charts">
      {groups.map((group) => (
        <GroupChart key={group.title} {...{ group, run, curves, style, at, onPick }} />
      ))}
    </div>
  );
}

function GroupChart({ group, run, curves, style, at, onPick }: CurvesProps & { readonly group: MetricGroup }) {
  const span = spanOf(style.smoothing, Math.max(run.iteration, 1));
  const lines = useMemo(() => linesOf(group, curves, run.about, span), [group, curves, run.about, span]);
  return (
    <div class="panel">
      <Chart
        title={group.title}
        lines={lines}
        xLabel="iteration"
        yLabel={group.axis}
        log={style.log}
        mark={at}
        onPick={onPick}
        height={210}
        {...(group.include && !style.log ? { include: group.include } : {})}
      />
    </div>
  );
}

function linesOf(
  { metrics }: MetricGroup,
  curves: ReadonlyMap<string, Curve>,
  about: RunDetail["about"],
  span: number,
): ChartLine[] {
  const labels = labelsOf(metrics);
  return metrics.flatMap((name, i) => {
    const curve = curves.get(name);
    if (curve === undefined) return [];
    const { iteration: x, value } = curve;
    const line = { label: labels[i]!, colour: i, about: about[name] ?? null, x };
    return [span > 0 && x.length > 2 ? { ...line, y: smooth(x, value, span), raw: value } : { ...line, y: value }];
  });
}
