/** `vera score`. */

import { bool, choice, float, READING, string, strings, type Values } from "../../runs/config/index.js";
import type { Probe } from "../../score/probe.js";
import type { ScoreOptions } from "../../score/score.js";
import type { Shape } from "../../score/scored-lines.js";
import { type Command, line, type Terminal } from "../command.js";
import { ENGINE_OPTIONS, startEngine } from "../engine.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { INTERRUPTED, interruptible } from "../interrupt.js";
import { MODEL_OPTIONS, modelPath, openModel } from "../model.js";
import { readOptions } from "../options.js";
import { refuseInput } from "../outputs.js";
import { openSink, type ScoreSink } from "../score-sink.js";
import { StageDisplay } from "../stages.js";

const OPTIONS = {
  falseAlarmRate: float(0.05, {
    above: 0,
    below: 1,
    help: "Share of data like the training data that may be flagged as out of distribution.",
  }),
  uncalibrated: bool(false, { help: "Probabilities as the model gives them, and no flag: needs no validation data." }),
  probabilities: bool(false, { help: "A column for each class with its probability." }),
  explain: bool(false, {
    help: "Of rows of a table: a column `why` with the columns that make a row unlikely, and their shares.",
  }),
  keep: strings({ value: "COLUMN …", help: "Columns of the input to copy through, so that the result can be joined." }),
  format: choice(null, ["csv", "jsonl", "parquet"], {
    nothing: "auto",
    otherwise: "as --out ends, or csv",
    help: "A table, one JSON object per line, or Parquet, which needs --out.",
  }),
  out: string({ value: "FILE", otherwise: "standard output", help: "Where to write." }),
  strict: bool(false, { help: "Stop at the first input that cannot be read." }),
  query: string({ value: "SQL", help: "What to read, where FILE is a database." }),
  ...READING,
  dataRoot: string({ value: "DIR", otherwise: "as in training", help: "Folder of the run's data, for calibration." }),
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera score MODEL FILE [options]

Score new inputs: one line out for each row of a table (CSV, Parquet, JSON, a
database; several files by a pattern in quotes), or each picture of a folder.
MODEL is the folder of a run (its best checkpoint is taken, else the last), a
checkpoint wherever it lies, or one of the authors' PyTorch implementation; FILE
may be larger than memory.

  line         of the file, its header being line 1 (row, where a file has no
               lines; file, of pictures)
  class        the most probable one
  probability  of that class, calibrated on the run's validation split
  log_density  f(x), unnormalised: higher for inputs like the training data
  surprise     share of held-out data that is more likely, 0 to 1: of any model
  ood          whether it is below the threshold for the false-alarm rate
  why          with --explain: the three columns that make it most unlikely, and
               their shares; as JSON all columns
  note         values missing or never seen; why an input could not be read

The threshold and the temperature are kept in the run's folder,
calibration.json, or beside a checkpoint that lies by itself; they are made from
the model's validation data where they are not there. Inputs that cannot be read
are reported, and their columns left empty.

Reasons compare a row with training rows, which are kept in the run's folder
likewise, reference-rows.safetensors.

  vera score runs/flowers new.csv --out scored.csv
  vera score runs/flowers new.csv --explain
  vera score runs/photos pictures/ --false-alarm-rate 0.01 --format jsonl`;

/** Bad inputs reported one by one; all are in the output. */
const REPORTED = 20;

export const score: Command = async (argv, terminal) => {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const [file, ...others] = positionals.toReversed();
  const usage = "vera score needs a run and a file or folder: vera score MODEL FILE";
  if (file === undefined || others.length > 1) throw new UsageError(usage);
  const model = modelPath(others[0], values, usage);
  await startEngine(values);
  const { readingOf } = await import("../../runs/setup/source.js");
  const { Probe } = await import("../../score/probe.js");
  const probe = new Probe(await openModel(model, values, terminal));
  if (values.out !== null) await refuseInput(values.out, probe.run.folder, [file, probe.run.checkpoint]);
  const format = values.format ?? formatOf(values.out);
  if (format === "parquet" && values.out === null)
    throw new UsageError("--format parquet is no text: name a file with --out");
  const reading = { ...readingOf(values), keep: values.keep, query: values.query ?? undefined };
  const point = values.uncalibrated ? {} : await pointOf(probe, values, terminal);
  const options = { ...point, reading, ...(values.explain && { explain: await reasons(probe, values, terminal) }) };
  const whole = await interruptible(
    (signal) =>
      openSink(format, values.out, terminal.out, (sink) =>
        writeAll(probe, file, options, values, terminal, sink, signal),
      ),
    () => {},
  );
  return whole ? 0 : INTERRUPTED;
};

const formatOf = (out: string | null): "csv" | "jsonl" | "parquet" =>
  /\.(parquet|pq)$/i.test(out ?? "") ? "parquet" : /\.(jsonl|ndjson)$/i.test(out ?? "") ? "jsonl" : "csv";

/** Temperature and threshold. @throws UsageError where the validation split is too small for the rate. */
async function pointOf(probe: Probe, { falseAlarmRate, dataRoot }: Values<typeof OPTIONS>, { err }: Terminal) {
  const { calibrationFor, operatingPoint } = await import("../../score/calibration.js");
  const { DataError } = await import("../../data/index.js");
  const display = new StageDisplay(err);
  const calibration = await calibrationFor(probe, falseAlarmRate, {
    ...(dataRoot !== null && { dataRoot }),
    onProgress: (done, total) => display.update("calibration", done, total),
    onNote: (text) => {
      display.clear();
      line(err, `note: ${text}`);
    },
  }).catch((cause: Error) => {
    if (!(cause instanceof DataError)) throw cause;
    const where = probe.run.config.dataKind === "table" ? "say where the table is now with --csv, " : "";
    throw new DataError("calibration", cause.message, `${where}or score without, with --uncalibrated`, { cause });
  });
  display.clear();
  const point = operatingPoint(calibration, falseAlarmRate);
  const { validationExamples } = calibration.data;
  if (point.threshold === null)
    throw new UsageError(
      `--false-alarm-rate ${falseAlarmRate}: ${validationExamples} validation examples tell rates down to ` +
        `${(1 / (validationExamples + 1)).toPrecision(2)}; choose a larger one, or --uncalibrated`,
    );
  return point;
}

/** What `score` asks for reasons. @throws UsageError where the model is not one of tables. */
async function reasons(
  probe: Probe,
  { dataRoot }: Values<typeof OPTIONS>,
  { err }: Terminal,
): Promise<NonNullable<ScoreOptions["explain"]>> {
  const { explain } = await import("../../score/explain.js");
  const { referenceRows } = await import("../../score/reference-rows.js");
  const { name, preprocessing } = probe.run.info.data;
  if (preprocessing.kind !== "table")
    throw new UsageError(`--explain names columns of a table, and the model was trained on ${name}: leave it out`);
  const reference = await referenceRows(probe.run, {
    ...(dataRoot !== null && { dataRoot }),
    onNote: (text) => line(err, `note: ${text}`),
  });
  return (x) => explain(probe, x, reference);
}

/** @returns whether all inputs were scored: false where the user stopped it. */
async function writeAll(
  probe: Probe,
  file: string,
  options: ScoreOptions,
  { probabilities, strict, falseAlarmRate, keep }: Values<typeof OPTIONS>,
  { err }: Terminal,
  sink: ScoreSink,
  signal: AbortSignal,
): Promise<boolean> {
  const { scoreBatches } = await import("../../score/score.js");
  const { openInputs } = await import("../../score/score-inputs.js");
  const { DataError } = await import("../../data/index.js");
  const display = new StageDisplay(err);
  const { classes } = probe.run.info.data;
  const inputs = await openInputs(probe, file, options.reading);
  const { place, about } = inputs;
  const shape: Shape = {
    place,
    kept: keep,
    types: inputs.keptTypes,
    classifies: probe.run.model.classes !== null,
    flags: options.threshold !== undefined,
    explains: options.explain !== undefined,
    names: probabilities && probe.run.model.classes !== null ? (classes ?? []) : [],
  };
  const count = { all: 0, bad: 0, ood: 0 };
  try {
    for (const note of inputs.notes) line(err, `note: ${note}`);
    await sink.begin(shape);
    for await (const batch of scoreBatches(probe, inputs, options)) {
      if (signal.aborted) break;
      for (const [i, problem] of batch.problems) {
        const message = `${place} ${batch.at[i]}: ${problem}`;
        if (strict) throw new DataError(file, message);
        display.clear();
        if (count.bad++ < REPORTED) line(err, `${file}: ${message}`);
        if (count.bad === REPORTED) line(err, `${file}: further bad inputs are reported in the output only`);
      }
      count.all += batch.count;
      batch.ood?.forEach((ood, i) => {
        if (ood && !batch.problems.has(i)) count.ood++;
      });
      await sink.write(batch);
      display.update("scored", count.all, about);
    }
  } finally {
    display.clear();
    await inputs.close();
  }
  const good = count.all - count.bad;
  const flagged =
    options.threshold === undefined
      ? ""
      : `, ${count.ood} flagged as out of distribution (${share(count.ood, good)}; of data like the training data ${share(falseAlarmRate, 1)})`;
  const bad = count.bad === 0 ? "" : `, ${count.bad} could not be read`;
  if (signal.aborted) line(err, "stopped before the end");
  line(err, `${count.all} inputs: ${good} scored${flagged}${bad}`);
  return !signal.aborted;
}

const share = (part: number, all: number): string =>
  all === 0 ? "0 %" : `${Number(((100 * part) / all).toPrecision(3))} %`;
