/** Chosen runs side by side: their curves, what was set differently, what came of it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { RunDetail } from "../../../src/studio/api.js";
import { CurveControls, PLAIN } from "../curve-controls.js";
import { address } from "../route.js";
import { differingSettings } from "../settings.js";
import type { ViewProps } from "../views.js";
import { Differences } from "./differences.js";
import { Legend } from "./legend.js";
import { namesOf, numbered } from "./members.js";
import { MetricChooser } from "./metric-chooser.js";
import { Overlay } from "./overlay.js";
import { Parallel } from "./parallel.js";
import { Results } from "./results.js";
import { telling } from "./telling.js";
import { useCompared } from "./use-compared.js";
import "./compare.css";

/** More lines than this say nothing in one chart. */
export const MOST = 40;

export function CompareView({ route }: ViewProps) {
  const asked = route.query.get("runs") ?? "";
  const ids = useMemo(() => asked.split(",").filter(Boolean).slice(0, MOST), [asked]);
  const { runs, problems } = useCompared(ids);
  const members = useMemo(() => numbered(runs), [runs]);
  const metrics = useMemo(() => namesOf(runs), [runs]);
  const [chosen, choose] = useState<readonly string[] | null>(null);
  const [style, restyle] = useState(PLAIN);
  const [hidden, hide] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => choose(null), [asked]);

  if (ids.length === 0) return <NothingChosen />;
  const shownMetrics = chosen ?? telling(metrics).slice(0, 4);
  const differing = differingSettings(runs.map((run: RunDetail) => run.settings));
  const iterations = Math.max(1, ...runs.map(({ iteration }) => iteration));
  const toggle = (id: string) =>
    hide((old) => (old.has(id) ? new Set([...old].filter((each) => each !== id)) : new Set([...old, id])));
  return (
    <article class="compare-view">
      <header class="view-head">
        <h1>Compare</h1>
        <span class="quiet">
          {ids.length} runs · <a href={address("runs")}>choose others</a>
        </span>
      </header>
      {problems.map((text) => (
        <p key={text} class="warning">
          {text}
        </p>
      ))}
      {runs.length > 0 && (
        <>
          <Legend members={members} hidden={hidden} onToggle={toggle} />
          <div class="compare-controls">
            <MetricChooser metrics={metrics} chosen={shownMetrics} onChoose={choose} />
            <CurveControls style={style} iterations={iterations} onStyle={restyle} />
          </div>
          <Overlay
            members={members.filter(({ run }) => !hidden.has(run.id))}
            metrics={shownMetrics}
            style={style}
            iterations={iterations}
          />
          <Differences members={members} differing={differing} />
          <Results members={members} differing={differing} metrics={shownMetrics} />
          <Parallel members={members} differing={differing} metrics={shownMetrics} />
        </>
      )}
    </article>
  );
}

function NothingChosen() {
  return (
    <div class="panel empty">
      <h1>Compare</h1>
      <p>
        Choose two runs or more by the boxes before their names, then Compare. <a href={address("runs")}>To the runs</a>
      </p>
    </div>
  );
}
