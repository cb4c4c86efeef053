/** Who the run is and how far; what can be done with it. */
import { useState } from "preact/hooks";
import type { Exported, ExportFormat, RunDetail, RunSummary } from "../../../src/studio/api.js";
import { counted, duration, fileSize } from "../../shared/numbers.js";
import { Connection } from "../connection.js";
import { Menu } from "../menu.js";
import { failed, type Notice, said } from "../notice.js";
import { address } from "../route.js";
import { mayResume, mayStop } from "../runs/cells.js";
import { post } from "../server.js";
import { Progress, StateMark } from "../state-mark.js";
import { pathOf } from "./use-run.js";

/** Of any run; the others are its model. */
const REPORT = "html";
const FORMATS: readonly (readonly [format: ExportFormat, label: string])[] = [
  [REPORT, "Report (one HTML file)"],
  ["onnx", "ONNX model"],
  ["safetensors", "Weights (safetensors)"],
  ["pt", "PyTorch checkpoint (pt)"],
];

interface HeadProps {
  readonly run: RunDetail;
  readonly connected: boolean | null;
  readonly onNotice: (notice: Notice | null) => void;
  readonly onChanged: () => void;
}

export function RunHead({ run, connected, onNotice, onChanged }: HeadProps) {
  const [busy, setBusy] = useState<string | null>(null);
  const act = async (what: string, work: () => Promise<Notice | null>) => {
    setBusy(what);
    try {
      onNotice(await work());
      onChanged();
    } catch (error) {
      onNotice(failed(`${what} failed`, error));
    }
    setBusy(null);
  };
  const command = (name: "stop" | "resume", done: string) =>
    act(name, async () => {
      await post<RunSummary>(`${pathOf(run.id)}/${name}`);
      return said(done);
    });
  const save = (format: ExportFormat) =>
    act("Export", async () => {
      const { address, file, bytes } = await post<Exported>(`${pathOf(run.id)}/export`, { format });
      const link = document.createElement("a");
      link.href = address;
      link.download = file;
      link.click();
      return said(`${file}, ${fileSize(bytes)}`);
    });
  const time = run.updated - run.started;
  return (
    <>
      <header class="view-head">
        <h1>{run.name}</h1>
        <StateMark state={run.state} problem={run.problem} />
        <span class="quiet">
          {[run.data, run.mode, run.architecture].filter(Boolean).join(" · ")} · iteration {counted(run.iteration)}
          {run.iterations !== null && ` of ${counted(run.iterations)}`} · {duration(time)}
          {remaining(run)}
        </span>
        <Connection connected={connected} />
      </header>
      {run.state === "training" && (
        <Progress iteration={run.iteration} iterations={run.iterations} label={`Iterations of ${run.name}`} />
      )}
      <div class="run-actions">
        {mayStop(run) && (
          <button
            type="button"
            disabled={busy !== null}
            onClick={() => command("stop", "It stops after this iteration.")}
          >
            ■ Stop
          </button>
        )}
        {mayResume(run) && (
          <button type="button" disabled={busy !== null} onClick={() => command("resume", "It goes on.")}>
            ▶ Resume
          </button>
        )}
        <a class="button" href={address("new", [], { from: run.id })}>
          Start again with changes
        </a>
        {run.hasModel && (
          <>
            <a class="button" href={address("ask", [run.id])}>
              Ask the model
            </a>
            <a class="button" href={address("landscape", [run.id])}>
              Landscape
            </a>
          </>
        )}
        <Menu
          label={busy === "Export" ? "Exporting …" : "Export ▾"}
          disabled={busy !== null}
          items={FORMATS.filter(([format]) => run.hasModel || format === REPORT).map(([format, label]) => ({
            label,
            run: () => save(format),
          }))}
        />
        {!run.hasModel && <span class="quiet">{withoutModel(run)}</span>}
      </div>
      {run.problem !== null && (
        <p class="problem warning" role="alert">
          {run.problem}
        </p>
      )}
    </>
  );
}

/** Why what needs a model is not offered. */
function withoutModel({ state }: RunDetail): string {
  if (state === "broken") return "Its model cannot be read.";
  return state === "training" || state === "waiting"
    ? "Its model can be asked, mapped and exported from its first checkpoint on."
    : "It left no checkpoint, so there is no model to ask, map or export.";
}

/** As fast as so far. */
function remaining({ state, iteration, iterations, started, updated }: RunDetail): string {
  if (state !== "training" || iterations === null || iteration <= 0 || iteration >= iterations) return "";
  return ` · about ${duration(((updated - started) / iteration) * (iterations - iteration))} left`;
}
