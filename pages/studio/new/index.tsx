/** A new run: what to learn, what is made of it, how it is learned; then it waits for its turn. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type {
  NewRun,
  Options,
  Plan,
  RunDetail,
  RunSummary,
  SettingValue,
  TimeEstimate,
} from "../../../src/studio/api.js";
import type { ColumnsRequest, TableColumns } from "../../../src/studio/ask-api.js";
import { counted, duration, shown } from "../../shared/numbers.js";
import { pathOf } from "../run/use-run.js";
import { ask, post } from "../server.js";
import type { Settings } from "../settings.js";
import type { ViewProps } from "../views.js";
import { type Choice, ColumnsPanel, NOTHING_SAID } from "./columns.js";
import { beginningOf, OF_DATA } from "./from.js";
import { QueuePanel } from "./queue.js";
import { SettingsForm } from "./settings-form.js";
import { type Source, SourceChoice } from "./source.js";
import "../parts.css";
import "./new.css";

/** What is learned, as most choose: by settings of the group "What is learned". Others are among all settings. */
const MODES = [
  { name: "density", title: "the density alone", settings: {} },
  { name: "joint", title: "density and classes", settings: { jem: true } },
  { name: "classes", title: "classes alone", settings: { "clf-only": true } },
] as const;
const MODE_FLAGS = ["jem", "clf-only"] as const;

type ModeName = (typeof MODES)[number]["name"];

const modeOf = (settings: Settings): ModeName =>
  settings["clf-only"] === true ? "classes" : settings.jem === true ? "joint" : "density";

export function NewView({ route }: ViewProps) {
  const from = route.query.get("from");
  const [source, setSource] = useState<Source | null>(null);
  const [choice, setChoice] = useState<Choice>(NOTHING_SAID);
  const [settings, setSettings] = useState<Settings>({});
  const [unchanged, setUnchanged] = useState<Settings>({});
  const [preset, setPreset] = useState("");
  const [name, setName] = useState("");
  const [options, setOptions] = useState<Options | null>(null);
  const [problem, tell] = useState<string | null>(null);
  const [started, setStarted] = useState<RunSummary | null>(null);
  const columns = useColumns(source, choice);

  useEffect(() => {
    ask<Options>("/api/options").then(setOptions, (error: Error) => tell(error.message));
  }, []);
  useEffect(() => {
    if (from === null) return;
    ask<RunDetail>(pathOf(from)).then(
      (run) => {
        const begun = beginningOf(run);
        setSource(begun.source);
        setChoice(begun.choice);
        setSettings(begun.settings);
        setUnchanged(begun.unchanged);
      },
      (error: Error) => tell(error.message),
    );
  }, [from]);

  const wish = useMemo(
    (): NewRun => ({
      name: name.trim() === "" ? null : name.trim(),
      preset: preset === "" ? null : preset,
      settings: { ...(preset === "" ? unchanged : {}), ...settings, ...dataSettings(source, choice) },
    }),
    [name, preset, unchanged, settings, source, choice],
  );
  const choose = (next: Source) => {
    setSource(next);
    setChoice(NOTHING_SAID);
    setPreset("");
  };
  const change = (setting: string, value: SettingValue | undefined) => {
    const { [setting]: _, ...others } = settings;
    setSettings(value === undefined ? others : { ...others, [setting]: value });
    const { [setting]: __, ...rest } = unchanged;
    setUnchanged(rest);
  };
  const changeChoice = (next: Choice) => {
    setChoice(next);
    // With classes, both are learned unless something else was said; without, there is no mode that needs them.
    if (next.label !== null && choice.label === null && modeOf(settings) === "density") setMode("joint");
    if (next.label === null && choice.label !== null) setMode("density");
  };
  const setMode = (mode: ModeName) => {
    const others = Object.entries(settings).filter(([each]) => !MODE_FLAGS.some((flag) => flag === each));
    setSettings({ ...Object.fromEntries(others), ...MODES.find((each) => each.name === mode)!.settings });
  };

  return (
    <>
      <header class="view-head">
        <h1>New run</h1>
        {from !== null && <span class="quiet">with the settings of another run to begin with</span>}
      </header>
      {problem !== null && (
        <p class="warning" role="alert">
          {problem}
        </p>
      )}
      <div class="new-run">
        <div class="steps">
          <SourceChoice source={source} onChoose={choose} />
          {source?.kind === "table" && <ColumnsPanel {...columns} choice={choice} onChange={changeChoice} />}
          <section class="panel" aria-labelledby="new-how">
            <h2 id="new-how">How to learn it</h2>
            {/* A list of ways of which one holds. */}
            <div class="ways" role="radiogroup" aria-label="What is learned">
              {MODES.map(({ name: each, title }) => (
                <label key={each}>
                  <input type="radio" name="mode" checked={modeOf(settings) === each} onChange={() => setMode(each)} />{" "}
                  {title}
                </label>
              ))}
            </div>
            <p class="line-form">
              <label for="preset">Preset</label>
              <select id="preset" value={preset} onChange={(event) => setPreset(event.currentTarget.value)}>
                <option value="">{automatic(source, from !== null)}</option>
                {options?.presets.map(({ name: each, description }) => (
                  <option key={each} value={each}>
                    {`${each}: ${description}`}
                  </option>
                ))}
              </select>
            </p>
            {options === null ? (
              <p class="quiet">Loading …</p>
            ) : (
              <SettingsForm options={options} settings={settings} elsewhere={ELSEWHERE} onChange={change} />
            )}
          </section>
          <StartPanel
            wish={wish}
            ready={source !== null || preset !== ""}
            name={name}
            onName={setName}
            onStarted={setStarted}
          />
        </div>
        <QueuePanel started={started} />
      </div>
    </>
  );
}

const ELSEWHERE: ReadonlySet<string> = new Set([...OF_DATA, ...MODE_FLAGS]);

const automatic = (source: Source | null, isFrom: boolean): string =>
  isFrom
    ? "as the other run"
    : source?.kind === "table"
      ? "table: for a table of your own"
      : source?.kind === "pictures"
        ? "pictures: for pictures of your own"
        : "none: the paper's defaults";

function dataSettings(source: Source | null, { label, ignore, categorical, numeric }: Choice): Settings {
  if (source === null) return {};
  if (source.kind === "dataset") return { dataset: source.name };
  if (source.kind === "pictures") return { "image-folder": source.folder };
  const lists = Object.entries({ ignore, categorical, numeric }).filter(([, list]) => list.length > 0);
  return { table: source.table, ...(label !== null && { label }), ...Object.fromEntries(lists) };
}

/** What would be made of the columns, as it is found out anew with each choice. */
function useColumns(source: Source | null, choice: Choice) {
  const [state, set] = useState<{ found: TableColumns | null; problem: string | null; busy: boolean }>({
    found: null,
    problem: null,
    busy: false,
  });
  const table = source?.kind === "table" ? source.table : null;
  useEffect(() => set({ found: null, problem: null, busy: false }), [table]);
  useEffect(() => {
    if (table === null) return;
    let current = true;
    set((old) => ({ ...old, busy: true }));
    const request: ColumnsRequest = { table, ...choice };
    post<TableColumns>("/api/columns", request).then(
      (found) => current && set({ found, problem: null, busy: false }),
      (error: Error) => current && set((old) => ({ ...old, problem: error.message, busy: false })),
    );
    return () => {
      current = false;
    };
  }, [table, choice]);
  return state;
}

interface StartPanelProps {
  readonly wish: NewRun;
  readonly ready: boolean;
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly onStarted: (run: RunSummary) => void;
}

function StartPanel({ wish, ready, name, onName, onStarted }: StartPanelProps) {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [problem, tell] = useState<string | null>(null);
  const [busy, setBusy] = useState<"check" | "start" | null>(null);
  useEffect(() => {
    setPlan(null);
    tell(null);
  }, [wish]);
  const work = async (what: "check" | "start", doing: () => Promise<void>) => {
    setBusy(what);
    tell(null);
    try {
      await doing();
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
    setBusy(null);
  };
  return (
    <section class="panel" aria-labelledby="new-start">
      <h2 id="new-start">Start</h2>
      <p class="line-form">
        <label for="run-name">Name</label>
        <input
          id="run-name"
          type="text"
          spellcheck={false}
          placeholder="after its data and mode"
          value={name}
          onInput={(event) => onName(event.currentTarget.value)}
        />
        <button
          type="button"
          class="primary"
          disabled={!ready || busy !== null}
          onClick={() => work("start", async () => onStarted(await post<RunSummary>("/api/runs", wish)))}
        >
          {busy === "start" ? "Starting …" : "Train"}
        </button>
        <button
          type="button"
          disabled={!ready || busy !== null}
          onClick={() => work("check", async () => setPlan(await post<Plan>("/api/check", wish)))}
        >
          {busy === "check" ? "Looking …" : "What would it be?"}
        </button>
      </p>
      {!ready && <p class="quiet">Choose what to learn, or a preset that says it.</p>}
      {problem !== null && (
        <p class="warning" role="alert">
          {problem}
        </p>
      )}
      {plan !== null && (
        <div class="plan" role="status">
          {plan.withoutEffect.length > 0 && <p class="note">Without effect here: {plan.withoutEffect.join(", ")}</p>}
          {plan.time !== null && <p>{timeText(plan.time)}</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
          <pre tabIndex={0} class={plan.ok ? "" : "warning"}>
            {plan.text}
          </pre>
        </div>
      )}
    </section>
  );
}

/** How long, and on what that rests. */
function timeText({ milliseconds, iterations, runs, pace, slowest, fastest }: TimeEstimate): string {
  const paces = runs === 1 ? "" : `, ${shown(slowest, 2)} to ${shown(fastest, 2)}`;
  const rests = runs === 1 ? "one run like it" : `${runs} runs like it, by their median`;
  return `About ${duration(milliseconds)} for ${counted(iterations)} iterations: ${rests}, did ${shown(pace, 2)} a second${paces}.`;
}
