/** Pictures that a user gives, denoised or with a part filled in, as files. */

import { pixelRange, scalingOf } from "../../data/index.js";
import { ResultFolder } from "../../files/index.js";
import { Evaluator, type TrainedRun } from "../../runs/index.js";
import { joinRows, NdArray, sliceRows, streams } from "../../runtime/index.js";
import { mean } from "../../runtime/numbers.js";
import { refuseCount } from "../sizes.js";
import { denoise, TEMPERATURE } from "./denoise.js";
import { fillIn } from "./fill.js";
import { givenPictures } from "./given-pictures.js";
import { maskOf } from "./masks.js";
import { drawRows } from "./sample-figures.js";
import { Files } from "./sample-files.js";

export interface EditOptions {
  /** A picture, a folder of pictures, or an array (given-pictures.ts). */
  readonly from: string;
  /** What is to be filled in (masks.ts); null: nothing, the pictures are denoised. */
  readonly mask?: string | null;
  /** With a mask: of each picture. Default 4. */
  readonly results?: number;
  /** Transitions of MALA. Default {@link FILL_STEPS}, without a mask {@link DENOISE_STEPS}. */
  readonly steps?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Replace files of the folder that have the names of results. Default false. */
  readonly overwrite?: boolean;
}

/** What was done. */
export interface EditsResult {
  readonly checkpoint: string;
  /** Pictures that were given. */
  readonly pictures: number;
  readonly steps: number;
  /** Mean f of what was given, and of the results. */
  readonly before: number;
  readonly after: number;
  /** Mean; null without transitions. */
  readonly acceptance: number | null;
  readonly files: readonly string[];
}

const FILL_STEPS = 150;
const DENOISE_STEPS = 100;

/** Fills in or denoises. @throws ConfigError, DataError for what cannot be; FileError where the folder holds files of the same names */
export function writeEdits(run: TrainedRun, folder: string, options: EditOptions): Promise<EditsResult> {
  return options.mask == null ? writeDenoised(run, folder, options) : writeFilled(run, folder, options, options.mask);
}

/** `filled.npy` `[N, results, C, H, W]` and `filled.png`, rows: as given, hidden, results. */
async function writeFilled(
  run: TrainedRun,
  folder: string,
  { from, results = 4, steps = FILL_STEPS, seed = 0, onProgress, overwrite = false }: EditOptions,
  text: string,
): Promise<EditsResult> {
  const files = new Files(await ResultFolder.open(folder, overwrite), ["filled.json", "filled.npy"]);
  const given = await givenPictures(run, from);
  const [count, channels, height, width] = given.shape as [number, number, number, number];
  refuseCount("--results", results, { numbers: 3 * given.size });
  const mask = await maskOf(text, height, width);
  const rng = streams(seed).for("pictures that are filled in");
  const {
    x,
    from: started,
    acceptance,
  } = await fillIn(run, given, mask, { results, steps, rng, ...watched(onProgress) });
  await files.array("filled", new NdArray(x.data, [count, results, channels, height, width]));
  const [black, white] = pixelRange(scalingOf(run.info.data.preprocessing)!);
  const hidden = given.data.map((v, i) => (mask[i % mask.length] === 1 ? (black + white) / 2 : v));
  const shown = Array.from({ length: results }, (_, r) =>
    joinRows(Array.from({ length: count }, (_, n) => sliceRows(x, n * results + r, n * results + r + 1))),
  );
  await files.picture("filled", (path) => drawRows(path, [given, new NdArray(hidden, given.shape), ...shown], run));
  const done = { mask: text, results, started, steps, acceptance, ...(await levels(run, given, x)) };
  return files.report({ checkpoint: run.checkpoint, pictures: count, ...done }, "filled.json");
}

/** `denoised.npy`, `difference.npy` (what was taken away) and `denoised.png`, rows: as given, denoised, the difference on grey. */
async function writeDenoised(
  run: TrainedRun,
  folder: string,
  { from, steps = DENOISE_STEPS, seed = 0, onProgress, overwrite = false }: EditOptions,
): Promise<EditsResult> {
  const names = ["denoised.json", "denoised.npy", "difference.npy"];
  const files = new Files(await ResultFolder.open(folder, overwrite), names);
  const given = await givenPictures(run, from);
  const rng = streams(seed).for("pictures that are denoised");
  const { x, acceptance } = await denoise(run, given, { steps, rng, ...watched(onProgress) });
  const [black, white] = pixelRange(scalingOf(run.info.data.preprocessing)!);
  const difference = given.data.map((v, i) => v - x.data[i]!);
  await files.array("denoised", x);
  await files.array("difference", new NdArray(difference, given.shape));
  const onGrey = new NdArray(
    difference.map((v) => (black + white) / 2 + v),
    given.shape,
  );
  await files.picture("denoised", (path) => drawRows(path, [given, x, onGrey], run));
  const done = { temperature: TEMPERATURE, steps, acceptance, ...(await levels(run, given, x)) };
  return files.report({ checkpoint: run.checkpoint, pictures: given.shape[0]!, ...done }, "denoised.json");
}

async function levels(run: TrainedRun, given: NdArray, x: NdArray): Promise<{ before: number; after: number }> {
  const evaluator = new Evaluator(run.model);
  const f = async (rows: NdArray) => {
    const { logDensity } = await evaluator.predict(run.variables, rows);
    return mean(logDensity);
  };
  return { before: await f(given), after: await f(x) };
}

const watched = (onProgress: EditOptions["onProgress"]) => (onProgress === undefined ? {} : { onProgress });
