/** `vera score`. */

import { createHash } from "node:crypto";
import type { Job } from "../../cluster/mpi.js";
import { bool, choice, float, READING, string, strings, type Values } from "../../runs/config/index.js";
import type { Asked } from "../../score/parts/record.js";
import type { Probe } from "../../score/probe.js";
import type { ScoreOptions } from "../../score/score.js";
import { asRank } from "../as-rank.js";
import { type Command, line, type Output, type Terminal } from "../command.js";
import { ENGINE_OPTIONS, startEngine } from "../engine.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { INTERRUPTED, interruptible } from "../interrupt.js";
import { MODEL_OPTIONS, modelPath, openModel } from "../model.js";
import { readOptions } from "../options.js";
import { refuseInput } from "../outputs.js";
import { type Ending, ScoreDisplay, scoreFile, summaryOf } from "../score-file.js";
import { formatOf, openSink } from "../score-sink.js";
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
  outDir: string({
    value: "DIR",
    otherwise: "one result for all",
    help: "Folder for a result of each file that is read, named after it; what is done there already is skipped.",
  }),
  overwrite: bool(false, { help: "Replace what is in --out-dir and is of another model, file or options." }),
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

A table in many files, a folder or a pattern, is scored file by file with
--out-dir: stopped or killed it goes on where it was, and the processes of
mpirun or srun share the files out (docs/clusters.md).

  vera score runs/flowers new.csv --out scored.csv
  vera score runs/flowers parts/ --out-dir scored/
  vera score runs/flowers new.csv --explain
  vera score runs/photos pictures/ --false-alarm-rate 0.01 --format jsonl`;

export const score: Command = (argv, terminal) =>
  asRank(terminal, (job, own) => scoreInputs(argv, own, job, terminal.err));

/** @param loud where a rank that is otherwise silent tells what concerns it alone */
async function scoreInputs(
  argv: readonly string[],
  terminal: Terminal,
  job: Job | null,
  loud: Output,
): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const [file, ...others] = positionals.toReversed();
  const usage = "vera score needs a run and a file or folder: vera score MODEL FILE";
  if (file === undefined || others.length > 1) throw new UsageError(usage);
  const model = modelPath(others[0], values, usage);
  if (values.outDir === null) {
    if (job !== null)
      throw new UsageError(
        `${job.size} processes were started, and one file is written by one: share many out with --out-dir, or start vera without the launcher`,
      );
    if (values.overwrite) throw new UsageError("--overwrite is for --out-dir: --out replaces what is there");
  } else if (values.out !== null) throw new UsageError("--out and --out-dir are two places: name one");
  await startEngine(values);
  const { Probe } = await import("../../score/probe.js");
  const probe = new Probe(await openModel(model, values, terminal));
  const ending = await (values.outDir === null
    ? intoOne(probe, file, values, terminal)
    : intoFolder(probe, { from: file, to: values.outDir }, values, terminal, job, loud));
  return { done: 0, failed: 1, stopped: INTERRUPTED }[ending];
}

/** All inputs to one file or the terminal. */
async function intoOne(
  probe: Probe,
  file: string,
  values: Values<typeof OPTIONS>,
  terminal: Terminal,
): Promise<Ending> {
  const { out } = values;
  if (out !== null) await refuseInput(out, probe.run.folder, [file, probe.run.checkpoint]);
  const format = values.format ?? formatOf(out ?? "");
  if (format === "parquet" && out === null) throw new UsageError("--format parquet is no text: name a file with --out");
  const point = values.uncalibrated ? {} : await pointOf(probe, values, terminal);
  const options = await optionsOf(probe, point, values, terminal);
  const display = new ScoreDisplay(terminal.err);
  const whole = await interruptible(
    (signal) =>
      openSink(format, out, terminal.out, async (sink) => {
        const counts = await scoreFile({ probe, options, values, display, signal }, file, sink);
        if (signal.aborted) line(terminal.err, "stopped before the end");
        line(terminal.err, summaryOf(counts, { options, values }));
        return !signal.aborted;
      }),
    () => {},
  );
  return whole ? "done" : "stopped";
}

/** Each file to one of its own. Rank 0 calibrates and finds out what is to be done, for all. */
async function intoFolder(
  probe: Probe,
  { from, to }: { readonly from: string; readonly to: string },
  values: Values<typeof OPTIONS>,
  terminal: Terminal,
  job: Job | null,
  loud: Output,
): Promise<Ending> {
  const { name, preprocessing } = probe.run.info.data;
  if (preprocessing.kind === "image")
    throw new UsageError(
      `--out-dir is for tables of several files, and the model takes pictures (trained on ${name}): name a file with --out`,
    );
  const { DataError } = await import("../../data/index.js");
  const { fromLeader, planParts, scoreParts, takeResults } = await import("../score-parts.js");
  const request = { from, to, format: values.format, overwrite: values.overwrite };
  const lock = job === null || job.rank === 0 ? await takeResults(to) : null;
  try {
    const { point, asked, plan } = await fromLeader(job, async () => {
      const point = values.uncalibrated ? {} : await pointOf(probe, values, terminal);
      if (values.explain) await reasons(probe, values, terminal); // keeps the rows to compare with, where the others find them
      const asked = await askedOf(probe, point, values);
      const refuse = (path: string) => refuseInput(path, probe.run.folder, [probe.run.checkpoint]);
      return { point, asked, plan: await planParts({ ...request, asked }, lock?.since ?? 0, refuse) };
    });
    // The run may be in training: its checkpoint changes.
    if (job !== null && (await modelOf(probe)) !== asked.model)
      throw new DataError(probe.run.checkpoint, "is not what rank 0 has", "name a checkpoint that stays as it is");
    const options = await optionsOf(probe, point, values, terminal);
    const display = new ScoreDisplay(terminal.err);
    return await interruptible(
      (signal) => scoreParts(plan, { ...request, asked }, { probe, options, values, display, signal }, job, loud),
      () => {},
    );
  } finally {
    await lock?.release();
  }
}

async function modelOf({ run }: Probe): Promise<string> {
  const { hashFile } = await import("../../data/index.js");
  return hashFile(run.checkpoint, "sha256");
}

/** What results in one folder have in common. */
async function askedOf(probe: Probe, point: object, values: Values<typeof OPTIONS>): Promise<Asked> {
  const { readingOf } = await import("../../runs/setup/source.js");
  const { probabilities, explain, keep, query } = values;
  const options = JSON.stringify({ point, probabilities, explain, keep, query, reading: readingOf(values) });
  return { model: await modelOf(probe), options: createHash("sha256").update(options).digest("hex") };
}

async function optionsOf(
  probe: Probe,
  point: Partial<ScoreOptions>,
  values: Values<typeof OPTIONS>,
  terminal: Terminal,
): Promise<ScoreOptions> {
  const { readingOf } = await import("../../runs/setup/source.js");
  const reading = { ...readingOf(values), keep: values.keep, query: values.query ?? undefined };
  return { ...point, reading, ...(values.explain && { explain: await reasons(probe, values, terminal) }) };
}

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
