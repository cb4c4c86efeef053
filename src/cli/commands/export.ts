/** `vera export`. */
import { existsSync } from "node:fs";
import { bool, choice, string } from "../../runs/config/index.js";
import type { TrainedRun } from "../../runs/index.js";
import { type Command, line } from "../command.js";
import { startEngine } from "../engine.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { MODEL_OPTIONS, modelPath, openModel } from "../model.js";
import { readOptions } from "../options.js";
import { refuseInput } from "../outputs.js";

/** What is asked of the format `onnx` alone. */
interface OnnxChoices {
  readonly part: "model" | "generator";
  readonly gradientNorm: boolean;
}

/** What a run becomes, by format. */
type Exporter = (
  run: TrainedRun,
  choices: OnnxChoices,
) => Promise<{ readonly bytes: Uint8Array; readonly notes: readonly string[] }>;

const FORMATS = {
  onnx: async (run, choices) => {
    const { exportOnnx } = await import("../../export/index.js");
    await startEngine();
    const notes: string[] = [];
    return { bytes: await exportOnnx(run, { ...choices, onNote: (text) => notes.push(text) }), notes };
  },
  safetensors: async (run) => (await interchange()).exportForPyTorch(run, "safetensors"),
  pt: async (run) => (await interchange()).exportForPyTorch(run, "pt"),
} satisfies Record<string, Exporter>;

const interchange = () => import("../../interchange/index.js");

const OPTIONS = {
  format: string({
    value: Object.keys(FORMATS).join("|"),
    help: "onnx: one file for any ONNX runtime, preprocessing and threshold inside. safetensors: the networks, with PyTorch's names. pt: a checkpoint for the authors' PyTorch implementation.",
  }),
  out: string({
    value: "FILE",
    otherwise: "model.FORMAT or generator.FORMAT, in the folder of the run, or beside a checkpoint",
    help: "The file to write.",
  }),
  overwrite: bool(false, { help: "Replace the file of that name in the folder of the run." }),
  dataRoot: string({ value: "DIR", otherwise: "as in training", help: "Folder of the data sets." }),
  ...MODEL_OPTIONS,
  part: choice("model", ["model", "generator"], {
    help: "Of onnx: the model, input → logits, probabilities, log-density; or the generator, z → input.",
  }),
  gradientNorm: bool(false, { help: "Of onnx: adds the norm of the log-density's gradient to the model's outputs." }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera export RUN --format FORMAT [options]

Write a trained model for other programs. RUN is the folder of a run (its best
checkpoint is taken, else the last), a checkpoint wherever it lies, or one of
the authors' PyTorch implementation.

  vera export runs/digits --format onnx
  vera export runs/digits --format onnx --part generator --out generator.onnx
  vera export runs/digits --format safetensors --out digits.safetensors
  vera export runs/moons-vera --format pt --out moons.pt`;

export const exportRun: Command = async (argv, terminal) => {
  const { values, positionals } = readOptions(argv, OPTIONS);
  const { format, out, overwrite, part, gradientNorm, help } = values;
  if (help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const [first, more] = positionals;
  const usage = `vera export needs a run and a format, one of ${Object.keys(FORMATS).join(", ")}: vera export RUN --format FORMAT`;
  if (more !== undefined || format === null) throw new UsageError(usage);
  const path = modelPath(first, values, usage);
  if (!Object.hasOwn(FORMATS, format))
    throw new UsageError(`--format takes ${Object.keys(FORMATS).join(", ")}, not "${format}"`);
  if (format !== "onnx" && (part !== "model" || gradientNorm))
    throw new UsageError("--part and --gradient-norm are for --format onnx");
  const exporter: Exporter = FORMATS[format as keyof typeof FORMATS];
  const { keptAt } = await import("../../runs/index.js");
  const run = await openModel(path, values, terminal);
  const { writeAtomic } = await import("../../files/index.js");
  const file = out ?? keptAt(run, `${part}.${format}`);
  if (out === null && !overwrite && existsSync(file))
    throw new UsageError(`${file} is there already: replace it with --overwrite, or name another with --out`);
  await refuseInput(file, run.folder, [run.checkpoint]);
  const { bytes, notes } = await exporter(run, { part, gradientNorm });
  await writeAtomic(file, bytes);
  for (const note of notes) line(terminal.err, note);
  line(terminal.out, `${file}: ${(bytes.length / 1e6).toFixed(1)} MB`);
  return 0;
};
