/** `vera sample`. */
import { join } from "node:path";
import { bool, float, int, numbers, string, strings, type Values } from "../../runs/config/index.js";
import { type Command, line, type Output } from "../command.js";
import { ENGINE_OPTIONS, startEngine } from "../engine.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { MODEL_OPTIONS, modelPath, openModel } from "../model.js";
import { readOptions } from "../options.js";
import { StageDisplay } from "../stages.js";

export const OPTIONS = {
  count: int(64, { min: 1, help: "Samples; of each class with --class." }),
  steps: int(null, {
    min: 0,
    nothing: "auto",
    otherwise: "100; with --mask 150",
    help: "Transitions of MALA that refine samples; the first half adapts the step size. 0: none.",
  }),
  class: strings({ value: "NAME …", help: "Samples of these classes, or of all: refined on log p(x, y)." }),
  confidence: float(0.9, { min: 0, max: 1, help: "With --class: keep samples whose p(y|x) is at least this." }),
  from: string({
    value: "FILE",
    help: "Start from this picture, the pictures of this folder, or an array (.npy) of them: denoise them, or with --mask fill in.",
  }),
  mask: string({
    value: "MASK",
    help: "With --from: what is to be filled in. left, right, top, bottom, centre, x,y,w,h in pixels, or a picture, white there.",
  }),
  results: int(4, { min: 1, help: "With --mask: different ones for each picture." }),
  quality: bool(false, { help: "Precision, recall and Fréchet distance of the samples against the test data." }),
  features: string({
    value: "FILE.onnx",
    otherwise: "the project's digit classifier on digits, the inputs themselves on points and tables",
    help: "Network in whose features quality is measured, such as Inception.",
  }),
  featureRange: numbers([-1, 1], { value: "BLACK WHITE", help: "Values that this network takes for black and white." }),
  qualityCount: int(2000, { min: 10, help: "Samples that quality is measured on." }),
  dataRoot: string({ value: "DIR", otherwise: "as in training", help: "Folder of the data sets, for --quality." }),
  seed: int(0, { min: 0, help: "Of all that is random." }),
  out: string({
    aliases: ["save-dir"],
    value: "DIR",
    otherwise: "samples, in the folder of the run, or beside a checkpoint FILE: FILE.samples",
    help: "Where to write.",
  }),
  overwrite: bool(false, { help: "Replace files of that folder that have the names of results." }),
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera sample RUN [options]

Draw samples of a trained model: of its generator, then refined by MALA chains
in the generator's latent space; exact ones of models that have them; else by
chains from noise. With --from, pictures of your own are denoised, or a part of
them is filled in. Writes arrays (.npy), pictures, and what was done (.json).
RUN is the folder of a run (its best checkpoint is taken, else the last), a
checkpoint wherever it lies, or one of the authors' PyTorch implementation.

  vera sample runs/digits --count 100
  vera sample runs/digits --class all --count 10
  vera sample runs/digits --from pictures/ --mask bottom
  vera sample runs/digits --quality`;

/** Transitions that refine new samples. */
const STEPS = 100;
const QUALITY_FILE = "quality.json";

type SampleOptions = Values<typeof OPTIONS>;

export const sample: Command = async (argv, terminal) => {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const [first, more] = positionals;
  const usage = "vera sample needs a run: vera sample RUN";
  if (more !== undefined) throw new UsageError(usage);
  const path = modelPath(first, values, usage);
  refuseContradictions(values);
  if (values.featureRange.length !== 2) throw new UsageError("--feature-range takes two numbers: black and white");

  await startEngine(values);
  const { keptAt } = await import("../../runs/index.js");
  const run = await openModel(path, values, terminal);
  const folder = values.out ?? keptAt(run, "samples");
  const overwrite = values.overwrite || (values.out === null && run.folder !== null);
  const { ResultFolder } = await import("../../files/index.js");
  const results = await ResultFolder.open(folder, overwrite);
  if (values.quality) results.at(QUALITY_FILE);
  const display = new StageDisplay(terminal.err);
  const onProgress = (done: number, total: number) => display.update("MALA transitions", done, total);
  const draw = values.from !== null ? edits : values.class.length > 0 ? ofClasses : unconditional;
  const { lines, files } = await draw(run, folder, { ...values, overwrite }, onProgress).finally(() => display.clear());
  for (const text of lines) line(terminal.out, text);
  if (values.quality) await quality(run, folder, values, terminal, display);
  line(terminal.out, `${folder}: ${files.join(", ")}`);
  return 0;
};

type Run = Awaited<ReturnType<typeof openModel>>;

/** Loaded when needed: help and errors in the command line should not wait for the engine. */
const writing = () => import("../../evaluate/samples/write-samples.js");

/** What to say, and what was written. */
type Drawn = { readonly lines: readonly string[]; readonly files: readonly string[] };
type OnProgress = (done: number, total: number) => void;

async function unconditional(
  run: Run,
  folder: string,
  { count, steps: given, seed, overwrite }: SampleOptions,
  onProgress: OnProgress,
): Promise<Drawn> {
  const { writeSamples } = await writing();
  const steps = given ?? STEPS;
  const options = { count, steps, seed, overwrite, onProgress };
  const { source, logDensity, refined, files } = await writeSamples(run, folder, options);
  const from = { generator: "the generator", exact: "exact sampling", chains: "chains from noise" }[source];
  const lines = [`${count} samples of ${from}: mean f(x) ${logDensity.toFixed(3)}`];
  if (refined !== null) {
    const { space, acceptance, stepSize } = refined;
    const chains = `${steps} transitions in ${space} space, acceptance ${acceptance.toFixed(2)} (target 0.57)`;
    lines.push(
      `refined by ${chains}, step size ${stepSize.toPrecision(3)}: mean f(x) ${refined.logDensity.toFixed(3)}`,
    );
  }
  return { lines, files };
}

async function ofClasses(run: Run, folder: string, values: SampleOptions, onProgress: OnProgress): Promise<Drawn> {
  const { writeClassSamples } = await writing();
  const { count, steps, seed, confidence, overwrite } = values;
  const names = run.info.data.classes ?? [];
  if (run.model.classes === null)
    throw new UsageError(`${run.folder ?? run.checkpoint} was trained without classes: leave out --class`);
  const all = values.class.length === 1 && values.class[0] === "all";
  const classes = all ? names.map((_, y) => y) : values.class.map((name) => classOf(name, names));
  const result = await writeClassSamples(run, folder, {
    count,
    steps: steps ?? STEPS,
    seed,
    confidence,
    overwrite,
    classes,
    onProgress,
  });
  const width = Math.max(5, ...result.classes.map(({ name }) => name.length));
  const lines = [`${"class".padEnd(width)}  kept  confident  p(y|x) before → after  acceptance`];
  for (const { name, kept, keptShare, before, after, acceptance } of result.classes) {
    const share = `${(100 * keptShare).toFixed(0)} %`;
    const change = `${before.toFixed(3)} → ${after.toFixed(3)}`;
    const cells = [
      String(kept).padStart(4),
      share.padStart(9),
      change.padStart(21),
      (acceptance === null ? "–" : acceptance.toFixed(2)).padStart(10),
    ];
    lines.push(`${name.padEnd(width)}  ${cells.join("  ")}`);
  }
  return { lines, files: result.files };
}

/** Pictures of the user's, denoised or filled in. */
async function edits(run: Run, folder: string, values: SampleOptions, onProgress: OnProgress): Promise<Drawn> {
  const { writeEdits } = await import("../../evaluate/samples/write-edits.js");
  const { from, mask, results, steps, seed, overwrite } = values;
  const given = { from: from!, mask, results, seed, overwrite, onProgress, ...(steps !== null && { steps }) };
  const { pictures, steps: done, before, after, acceptance, files } = await writeEdits(run, folder, given);
  const what = mask === null ? "denoised" : `filled in, ${results} times each`;
  const accepted = acceptance === null ? "" : `, acceptance ${acceptance.toFixed(2)}`;
  const f = `mean f(x) ${before.toFixed(3)} as given, ${after.toFixed(3)} as written`;
  return { lines: [`${pictures} pictures ${what} by ${done} transitions${accepted}: ${f}`], files };
}

/** @throws UsageError for options that do not go together */
function refuseContradictions({ from, mask, steps, ...others }: SampleOptions): void {
  if (from === null && mask !== null)
    throw new UsageError("--mask says what of given pictures is to be filled in: name them with --from");
  if (from !== null && others.class.length > 0)
    throw new UsageError("--class draws new samples, and --from starts from given pictures: leave out one of them");
  if (from !== null && others.quality)
    throw new UsageError("--quality is of new samples, and --from starts from given pictures: leave out one of them");
  if (from !== null && mask === null && steps === 0)
    throw new UsageError("--steps 0: without transitions nothing is denoised");
}

function classOf(name: string, names: readonly string[]): number {
  const index = names.indexOf(name);
  if (index < 0) throw new UsageError(`there is no class "${name}"; there are ${names.slice(0, 20).join(", ")}`);
  return index;
}

async function quality(
  run: Run,
  folder: string,
  values: SampleOptions,
  terminal: { out: Output; err: Output },
  display: StageDisplay,
) {
  const { evaluateQuality } = await import("../../evaluate/quality/quality.js");
  const { writeAtomic } = await import("../../files/index.js");
  const [black, white] = values.featureRange as [number, number];
  const result = await evaluateQuality(run, {
    count: values.qualityCount,
    seed: values.seed,
    range: [black, white],
    ...(values.features !== null && { features: values.features }),
    ...(values.dataRoot !== null && { dataRoot: values.dataRoot }),
    onNote: (text) => line(terminal.err, `note: ${text}`),
    onBatch: (...done) => display.update("training the digit classifier", ...done),
  }).finally(() => display.clear());
  await writeAtomic(join(folder, QUALITY_FILE), `${JSON.stringify(result, null, 2)}\n`);
  line(terminal.out, `features of ${result.features} (${result.dim}), ${result.count} rows against test data`);
  for (const [name, { precision, recall, frechet }] of [
    ["samples", result.samples],
    ["training data", result.ideal],
  ] as const) {
    const numbers = `precision ${precision.toFixed(3)}  recall ${recall.toFixed(3)}  Fréchet ${frechet.toPrecision(4)}`;
    line(terminal.out, `  ${name.padEnd(14)}${numbers}`);
  }
}
