/** A chart for each metric, a curve in it for each run. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Curve } from "../../../src/studio/api.js";
import { Chart, type ChartLine } from "../../shared/chart.js";
import { smooth } from "../../shared/smoothing.js";
import { type CurveStyle, spanOf } from "../curve-controls.js";
import { groupMetrics } from "../run/metric-groups.js";
import { askCurves } from "../run/use-run.js";
import type { Member } from "./members.js";

/** Fewer than of one run: there are many curves in a chart. */
const POINTS = 300;

interface OverlayProps {
  readonly members: readonly Member[];
  readonly metrics: readonly string[];
  readonly style: CurveStyle;
  readonly iterations: number;
}

type CurvesOf = ReadonlyMap<string, ReadonlyMap<string, Curve>>;

export function Overlay({ members, metrics, style, iterations }: OverlayProps) {
  const curves = useCurves(members, metrics);
  // A test at the end has one point: the table of results has it.
  const drawn = metrics.filter((name) => !name.startsWith("test/"));
  return (
    <div class="charts">
      {drawn.map((metric) => (
        <MetricChart key={metric} {...{ metric, members, curves, style, iterations }} />
      ))}
    </div>
  );
}

function MetricChart(props: Omit<OverlayProps, "metrics"> & { readonly metric: string; readonly curves: CurvesOf }) {
  const { metric, members, curves, style, iterations } = props;
  const span = spanOf(style.smoothing, iterations);
  const lines = useMemo(
    () =>
      members.flatMap(({ run, colour, label }): ChartLine[] => {
        const curve = curves.get(run.id)?.get(metric);
        if (curve === undefined) return [];
        const line = { label, colour, x: curve.iteration };
        return [
          span > 0 && curve.iteration.length > 2
            ? { ...line, y: smooth(curve.iteration, curve.value, span), raw: curve.value }
            : { ...line, y: curve.value },
        ];
      }),
    [members, curves, metric, span],
  );
  const group = groupMetrics([metric])[0];
  const about = members.map(({ run }) => run.about[metric]).find((text) => text != null);
  return (
    <div class="panel">
      {lines.length === 0 ? (
        <>
          <h3>{metric}</h3>
          <p class="quiet">None of the runs that are shown has points of it.</p>
        </>
      ) : (
        <Chart
          title={metric}
          lines={lines}
          xLabel="iteration"
          yLabel={group?.axis ?? metric}
          log={style.log}
          height={240}
        >
          {about && <p class="quiet about">{about}</p>}
        </Chart>
      )}
    </div>
  );
}

/** Asked anew for runs that went on, and for metrics that were added. */
function useCurves(members: readonly Member[], metrics: readonly string[]): CurvesOf {
  const [curves, set] = useState<CurvesOf>(new Map());
  const key = JSON.stringify([metrics, members.map(({ run }) => [run.id, run.iteration, run.updated])]);
  useEffect(() => {
    let current = true;
    Promise.all(
      members.map(async ({ run }) => {
        const names = metrics.filter((name) => name in run.metrics);
        return [run.id, await askCurves(run.id, names, POINTS).catch(() => new Map<string, Curve>())] as const;
      }),
    ).then((all) => current && set(new Map(all)));
    return () => {
      current = false;
    };
  }, [key]);
  return curves;
}
