/** Training rows that new rows are compared with, kept beside the run: reasons (explain.ts) need no data of the run's once they are there. */
import { readFile } from "node:fs/promises";
import { keptAt, type TrainedRun } from "../runs/index.js";
import { type NdArray, readSafetensors, SafetensorsError, writeSafetensors } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";
import { type InputOptions, runData, someRows } from "./inputs.js";
import { keepWith } from "./kept.js";

const REFERENCE_FILE = "reference-rows.safetensors";

/** Enough to have some near any row of a table of dozens of columns. */
const ROWS = 1000;

/**
 * Rows of the training split as the model takes them `[≤ 1000, …]`, drawn with a fixed seed. Those in the run's folder, where they are of
 * the same data; else drawn, and kept if the folder can be written: if not, `onNote` is told.
 * @throws DataError where they must be drawn and the run's data is not there
 */
export async function referenceRows(
  run: TrainedRun,
  options: InputOptions & { readonly onNote?: (text: string) => void } = {},
): Promise<NdArray> {
  const stored = await readRows(run, options.onNote);
  if (stored !== null) return stored;
  const { train } = (await runData(run, options)).splits;
  const rows = someRows(train, ROWS, FIXED.for("rows to compare with"));
  const metadata = { fingerprint: run.info.data.fingerprint };
  const content = writeSafetensors([["rows", rows]], metadata);
  await keepWith(run, REFERENCE_FILE, { content, isOurs }, (why) => options.onNote?.(`rows to compare with ${why}`));
  return rows;
}

function isOurs(there: Uint8Array): boolean {
  try {
    return readSafetensors(there).metadata.fingerprint !== undefined;
  } catch {
    return false;
  }
}

/** Null where there are none of this run's data and shape; a damaged file is made anew, and `onNote` told of it. */
async function readRows(run: TrainedRun, onNote: (text: string) => void = () => {}): Promise<NdArray | null> {
  const file = keptAt(run, REFERENCE_FILE);
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) return null;
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    const rows = tensors.get("rows");
    const { shape, fingerprint } = run.info.data;
    if (metadata.fingerprint !== fingerprint) return null;
    const fits = rows?.dtype === "f32" && String(rows.shape.slice(1)) === String(shape) && rows.shape[0]! > 0;
    if (fits && rows.data.every(Number.isFinite)) return rows;
    throw new SafetensorsError(`"rows" must be finite numbers [n, ${shape}]`);
  } catch (cause) {
    if (!(cause instanceof SafetensorsError)) throw cause;
    onNote(`${file} is damaged and made again: ${cause.message}`);
    return null;
  }
}
