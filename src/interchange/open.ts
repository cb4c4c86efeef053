/** A trained model, whatever it lies in. */
import { open, stat } from "node:fs/promises";
import { savedConfig } from "../runs/folder/run-info.js";
import { ConfigError, loadRun, type TrainedRun } from "../runs/index.js";
import { trainedRun } from "../runs/trained-run.js";
import { carriedOn } from "./import.js";
import { openingNotes } from "./notes.js";
import { understand } from "./understand.js";

export interface Opened {
  readonly run: TrainedRun;
  /** What a user should know: of a checkpoint of the original, what was assumed. */
  readonly notes: readonly string[];
}

/**
 * Opens the folder of a run, a checkpoint of this program, or one of the authors' PyTorch implementation, which is read in memory.
 * @param flags options of `vera train`, in any spelling: what a checkpoint of the original does not say
 * @throws CheckpointError, ConfigError, InterchangeError, or DataError where a model of a table needs that table
 */
export async function openModel(path: string, flags: Readonly<Record<string, unknown>> = {}): Promise<Opened> {
  if (!(await isTorch(path))) return { run: await loadRun(path), notes: [] };
  const understood = await understand(path, { flags, toUse: true });
  const { config, data, original } = understood;
  const unfit = ({ message }: Error) => new ConfigError(`${path}: ${message}; say which data it learned, --dataset`);
  const origin = { folder: null, checkpoint: path, config, info: savedConfig(config, data.facts, true).run, unfit };
  const run = trainedRun(origin, (like) => {
    return { arrays: carriedOn(understood, like), iteration: original.iteration };
  });
  return { run, notes: openingNotes(understood) };
}

/** Whether a file is one of `torch.save`: a zip, or pickles. Checkpoints of this program are known by their content, too, whatever they are called. */
export async function isTorch(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
    const isZip = buffer.readUInt32BE() === 0x504b0304;
    const isPickle = buffer[0] === 0x80;
    const hasHeader = bytesRead === 9 && buffer[8] === 0x7b; // of safetensors
    return isZip || (!hasHeader && (isPickle || /\.pth?$/i.test(path)));
  } finally {
    await file.close();
  }
}
