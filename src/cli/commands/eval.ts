/** `vera eval`. */
import type { Split } from "../../data/index.js";
import type { ChosenEvaluation, EvaluationContext } from "../../evaluate/evaluation.js";
import { EVALUATIONS } from "../../evaluate/registry.js";
import type { ResultFolder } from "../../files/index.js";
import { quoted } from "../../files/index.js";
import { chosen, datasetPart, type Values, valuesOf } from "../../runs/config/index.js";
import type { Inputs, SplitName } from "../../score/inputs.js";
import type { Probe } from "../../score/probe.js";
import { parseArguments } from "../arguments.js";
import { type Command, line, type Terminal } from "../command.js";
import { startEngine } from "../engine.js";
import { UsageError } from "../errors.js";
import { DEFAULT, help, OPTIONS, OWN_OPTIONS } from "../eval-options.js";
import { learnedSet, modelPath, openModel } from "../model.js";
import { type AsThere, asThere } from "../original-eval.js";
import { StageDisplay } from "../stages.js";

type Options = Values<typeof OWN_OPTIONS>;

const USAGE = "vera eval needs a run: vera eval RUN";

export const evaluate: Command = async (argv, terminal) => {
  const there = asThere(argv);
  if (there !== null) return evaluateAsThere(there, terminal);
  const { values: given, positionals } = parseArguments(argv, OPTIONS);
  const values = valuesOf(OWN_OPTIONS, given);
  const evaluations = EVALUATIONS.map((evaluation) => evaluation.with(given));
  if (values.help) {
    line(terminal.out, help());
    return 0;
  }
  const [first, more] = positionals;
  if (more !== undefined) throw new UsageError(USAGE);
  const path = modelPath(first, values, USAGE);
  const known = EVALUATIONS.map(({ name }) => name);
  const what = chosen(values.what, known, "--what");

  await startEngine(values);
  const { keptAt } = await import("../../runs/index.js");
  const { Probe } = await import("../../score/probe.js");
  const { keep, ResultFolder } = await import("../../files/index.js");
  const probe = new Probe(await openModel(path, { ...values, dataset: learnedSet(values.dataset) }, terminal));
  const names = what.length > 0 ? what : DEFAULT;
  const wanted = names.flatMap((name) => evaluations.filter((evaluation) => evaluation.name === name));
  const own = values.out === null;
  const ours = own && probe.run.folder !== null;
  const folder = await ResultFolder.open(values.out ?? keptAt(probe.run, "eval"), ours || values.overwrite);
  for (const name of names) folder.at(`${name}.json`);
  const { checkpoint, iteration } = probe.run;
  line(terminal.out, `${checkpoint}, iteration ${iteration}\n`);
  const display = new StageDisplay(terminal.err);
  try {
    const prepared = await prepare(probe, values, display, terminal);
    const beside = wanted.find((evaluation) => evaluation.beside !== null)?.beside ?? null;
    const baseline = beside === null ? null : await prepareBaseline(beside, prepared, values, display, terminal);
    const context = { ...prepared, baseline };
    const asked = what.length > 0 && values.what[0] !== "all";
    let kept = true;
    const keepResult: KeepResult = async (write) => {
      // A run that is read-only can be evaluated; a folder that was asked for has to be written.
      if (!own) return write();
      await keep(write, (why) => {
        if (kept) line(terminal.err, `note: results ${why} with --out`);
        kept = false;
      });
    };
    for (const evaluation of wanted) await runOne(evaluation, context, folder, asked, keepResult, display, terminal);
    if (kept) line(terminal.out, `Tables as JSON, and figures: ${folder.path}`);
  } finally {
    display.clear();
  }
  return 0;
};

/** Runs what the original's command line asks for, by the command that does it here. */
async function evaluateAsThere({ command, argv, what }: AsThere, terminal: Terminal): Promise<number> {
  line(terminal.err, `${what}: vera ${command} ${argv.map(quoted).join(" ")}`);
  if (command === "eval") return evaluate(argv, terminal);
  return (await import("./sample.js")).sample(argv, terminal);
}

type Prepared = Omit<EvaluationContext, "baseline">;

/** Finds what a model is evaluated on. @param calibrating whether a calibration is left beside the run */
async function prepare(
  probe: Probe,
  values: Options,
  display: StageDisplay,
  terminal: Terminal,
  calibrating = true,
): Promise<Prepared> {
  const { limited, namedInputs, runData } = await import("../../score/inputs.js");
  const { withNoise } = await import("../../score/generated.js");
  const { streams } = await import("../../runtime/index.js");
  const { seed, sigma } = values;
  const { config, info } = probe.run;
  const asked = values.dataset === null ? null : datasetPart(values.dataset);
  const source = {
    seed,
    ...(values.dataRoot !== null && { dataRoot: values.dataRoot }),
    ...(values.limit !== null && { limit: values.limit }),
  };
  const onProgress: EvaluationContext["onProgress"] = (...stage) => display.update(...stage);
  // With other data the run's own only serves calibration, and may be missing.
  const own = await runData(probe.run, source).catch((cause: Error) => {
    if (values.dataset === null) throw cause;
    display.clear();
    line(terminal.err, `note: without temperature and calibration.json: ${cause.message}`);
    return null;
  });
  const isOwn = own !== null && asked !== null && asked.name === config.dataset;
  const other = isOwn ? null : values.dataset;
  const split = (isOwn && asked.part) || values.split;
  // The original learns from all that it does not test on.
  const learned = probe.run.info.imported === true;
  if (own !== null && !learned && calibrating) await keepCalibrated(probe, own, onProgress, terminal);
  const fresh =
    learned || own === null || own.splits.validation.size === 0 || (other === null && split === "validation");
  const rows = (whole: Split) =>
    limited(whole, values.limit ?? whole.size, streams(seed).for("rows that are evaluated"));
  const noisy = (inputs: Inputs): Inputs =>
    sigma === 0 ? inputs : { ...inputs, split: withNoise(inputs.split, info.data.shape, sigma, seed) };
  const clean: Inputs =
    other === null
      ? { name: `${own!.name} (${split} split)`, own: true, split: rows(own!.splits[split as SplitName]) }
      : await namedInputs(other, probe.run, own?.splits.test ?? null, { ...source, labels: true });
  const data = noisy(clean);
  if (data.split.size === 0)
    throw new UsageError(`${data.name} is empty: name other data with --dataset, or another --split`);
  return {
    probe,
    data,
    own,
    validation: fresh ? null : own.splits.validation,
    find: async (name) => {
      const found = await namedInputs(name, probe.run, clean.split, source);
      return name === "uniform" || name === "constant" ? found : noisy(found);
    },
    onProgress,
    seed,
    dataRoot: values.dataRoot,
    limit: values.limit,
  };
}

/**
 * The same inputs for another run, whose scores stand beside.
 * @throws UsageError where it learned other data.
 */
async function prepareBaseline(
  path: string,
  of: Prepared,
  values: Options,
  display: StageDisplay,
  terminal: Terminal,
): Promise<Prepared> {
  const { Probe } = await import("../../score/probe.js");
  const { dataRoot, csv } = values;
  const probe = new Probe(await openModel(path, { dataRoot, csv, dataset: learnedSet(values.dataset) }, terminal));
  const [own, others] = [of.probe.run.info.data.name, probe.run.info.data.name];
  if (own !== others)
    throw new UsageError(`--baseline ${path} learned ${others}, the run ${own}: name one on the same data`);
  const found = await prepare(probe, values, display, terminal, false);
  const [here, there] = [of.data.split.size, found.data.split.size];
  if (here !== there)
    throw new UsageError(`--baseline ${path} has ${there} examples of ${own}, the run ${here}: other splits`);
  return found;
}

/** Leaves a calibration of this checkpoint beside the run, if there is none. */
async function keepCalibrated(
  probe: Probe,
  own: Awaited<ReturnType<typeof import("../../score/inputs.js").runData>>,
  onProgress: EvaluationContext["onProgress"],
  { err }: Terminal,
): Promise<void> {
  const { calibrate, keepCalibration, readCalibration } = await import("../../score/calibration.js");
  if (own.splits.validation.size === 0 || (await readCalibration(probe.run)) !== null) return;
  const made = await calibrate(probe, own, [], (done, total) => onProgress("calibration", done, total));
  await keepCalibration(probe.run, made, (text) => line(err, `note: ${text}`));
}

type KeepResult = (write: () => Promise<void>) => Promise<void>;

async function runOne(
  choice: ChosenEvaluation,
  context: EvaluationContext,
  folder: ResultFolder,
  asked: boolean,
  keepResult: KeepResult,
  display: StageDisplay,
  terminal: Terminal,
): Promise<void> {
  const { name } = choice;
  const evaluation = await choice.load();
  const objection = evaluation.objection(context);
  if (objection !== null) {
    if (asked) throw new UsageError(`no ${name} here: ${objection}`);
    line(terminal.err, `note: no ${name}: ${objection}`);
    return;
  }
  const { savePlot } = await import("../../figures/index.js");
  const { writeAtomic } = await import("../../files/index.js");
  const { title, table, json, notes = [], figures } = await evaluation.run(context);
  await keepResult(async () => {
    const content = { of: context.data.name, ...(json as object) };
    await writeAtomic(folder.at(`${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
    for (const [file, chart] of figures) await savePlot(folder.figure(file), chart);
  });
  display.clear();
  line(terminal.out, `${title}\n\n${table}\n`);
  for (const note of notes) line(terminal.err, `note: ${note}\n`);
}
