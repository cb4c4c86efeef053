/**
 * What passes between the studio's server and its page: types alone, which both sides import. Paths are relative to the server's root;
 * a run's `id` is a name for its folder that is safe in an address.
 */

/** Errors of all paths below /api: the status says what kind, the text is for people. */
export interface ApiError {
  readonly error: string;
}

/** `stopped`: it was not finished, and nothing trains in its folder. `broken`: its files cannot be read; `problem` says why. */
export type RunState = "waiting" | "training" | "done" | "stopped" | "diverged" | "broken";

/** Of one metric over a run: names are `KIND/NAME` as in metrics.jsonl, like `train/loss_energy`, `validation/accuracy`. */
export interface MetricSummary {
  readonly last: number;
  readonly min: number;
  readonly max: number;
}

export type SettingValue = number | boolean | string | null | readonly (number | string)[];

/** A line of the table of runs. */
export interface RunSummary {
  readonly id: string;
  /** Path below its root folder, as people see it. */
  readonly name: string;
  /** The root folder, as the studio was told it. */
  readonly folder: string;
  readonly state: RunState;
  /** Why a run is broken, diverged, or ended with an error; else null. */
  readonly problem: string | null;
  /** Data set, mode, architecture: of the settings, as most looked at. */
  readonly data: string;
  readonly mode: string;
  readonly architecture: string;
  /** When its files were first and last written, milliseconds since 1970. */
  readonly started: number;
  readonly updated: number;
  readonly iteration: number;
  /** Of how many; null where that is not known before the data is loaded. */
  readonly iterations: number | null;
  /** Whether there is a model to be asked, drawn and exported: a checkpoint, and a configuration that can be read. */
  readonly hasModel: boolean;
  /** Settings that differ from the options' defaults, by their names in config.json. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly tags: readonly string[];
}

/** GET /api/runs?metrics=a,b: of a thousand runs all metrics are megabytes, of which a table shows a few. Without `metrics` all. */
export interface RunList {
  readonly folders: readonly string[];
  /** Names of all metrics that any of the runs has, in order. */
  readonly metrics: readonly string[];
  readonly runs: readonly RunSummary[];
}

/** A setting of a run, with what its option says of itself. */
export interface Setting {
  readonly name: string;
  readonly flag: string;
  readonly group: string;
  readonly value: SettingValue;
  readonly default: SettingValue;
  readonly differs: boolean;
  readonly help: string;
}

/** What numbers of a run say in words, and what to try. */
export interface Diagnosis {
  readonly level: "good" | "note" | "warning";
  readonly title: string;
  readonly text: string;
  /** Where there is something to try. */
  readonly advice: string | null;
  /** Metrics it was read from. */
  readonly metrics: readonly string[];
}

/** A figure of a run at a moment: `samples` at iteration 1000. */
export interface Figure {
  /** `samples`, `chains-input`, `curve-loss`, `reliability`, `log-density`, … */
  readonly kind: string;
  /** Null of a figure that is drawn anew in one file. */
  readonly iteration: number | null;
  /** Addresses of its files; null where there is none of the kind. */
  readonly png: string | null;
  /** A Vega-Lite specification, with its data. */
  readonly spec: string | null;
}

/** GET /api/runs/:id */
export interface RunDetail extends RunSummary {
  readonly configuration: readonly Setting[];
  readonly figures: readonly Figure[];
  readonly diagnoses: readonly Diagnosis[];
  /** Names of all metrics, and what each means (docs/metrics.md in short); null where nothing is known of it. */
  readonly about: Readonly<Record<string, string | null>>;
  /** The command that continues it. */
  readonly command: string;
}

/** GET /api/runs/:id/curves?names=a,b&points=600&from=0&to=…: each within so many points, that keep what stands out (min and max of each bin). */
export interface Curve {
  readonly name: string;
  readonly iteration: readonly number[];
  readonly value: readonly (number | null)[];
}
export interface Curves {
  readonly curves: readonly Curve[];
}

/** GET /api/runs/:id/log: what training said, and its warnings, in order. */
export interface LogLine {
  /** Milliseconds since 1970; null of runs that kept no log. */
  readonly time: number | null;
  readonly iteration: number | null;
  readonly level: "info" | "note" | "warning" | "error";
  readonly text: string;
}
export interface Log {
  readonly lines: readonly LogLine[];
}

/** GET /api/events (server-sent): which runs changed on disk, or in the queue; the page asks for what it shows. */
export interface Change {
  readonly runs: readonly string[];
  /** The list itself is another: runs came or went. */
  readonly list: boolean;
}

/** PATCH /api/runs/:id; what is absent stays. Answers with the summary, whose id is new where the name is. */
export interface RunEdit {
  readonly name?: string;
  readonly tags?: readonly string[];
}

/** DELETE /api/runs/:id moves the folder to the trash; POST /api/runs/:id/stop and /resume answer with the summary. */
export interface Trashed {
  readonly to: string;
}

/** POST /api/runs/:id/export: the file is downloaded from `address`. */
export type ExportFormat = "onnx" | "safetensors" | "pt" | "html";
export interface Exported {
  readonly address: string;
  readonly file: string;
  readonly bytes: number;
}

/** POST /api/runs: a run to be trained, now or when those before it are done. Answers with its summary. */
export interface NewRun {
  /** Below the first root folder; null to be named after data and mode. */
  readonly name: string | null;
  readonly preset: string | null;
  /** As flags, by their kebab-case names: what is absent is the preset's or the default. */
  readonly settings: Readonly<Record<string, SettingValue>>;
}

/** POST /api/check, with a {@link NewRun}: what it would be, or why it cannot be. Nothing is trained. */
export interface Plan {
  readonly ok: boolean;
  /** What `vera train --dry-run` says, or the error. */
  readonly text: string;
  /** Flags given that have no effect there. */
  readonly withoutEffect: readonly string[];
  /** Null where no run like it has been trained in the studio's folders. */
  readonly time: TimeEstimate | null;
}

/** How long training would take at the pace of the runs that are like it: of the same data, mode, networks and sizes. */
export interface TimeEstimate {
  readonly milliseconds: number;
  readonly iterations: number;
  /** That it rests on. */
  readonly runs: number;
  /** Iterations in a second: their median, and the extremes. */
  readonly pace: number;
  readonly slowest: number;
  readonly fastest: number;
}

/** GET /api/options: all that a form needs. */
export interface OptionInfo {
  readonly name: string;
  readonly flag: string;
  readonly group: string;
  readonly type: "int" | "float" | "bool" | "string" | "choice" | "numbers" | "strings";
  readonly default: SettingValue;
  readonly choices: readonly (string | number)[] | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly help: string;
}
export interface Options {
  readonly options: readonly OptionInfo[];
  readonly presets: readonly { readonly name: string; readonly description: string }[];
}

/**
 * POST /api/uploads?name=FILE with the file as application/octet-stream. Settings of {@link NewRun} name it as `upload:ID`; a run that is
 * trained on it has a copy that is kept. DELETE /api/uploads/:id.
 */
export interface Uploaded {
  readonly id: string;
  /** Without folders; its ending is kept. */
  readonly name: string;
  readonly bytes: number;
}
