/** Pictures that a user gives to start from, as the model takes them. */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { parseNpy } from "../../data/formats/npy.js";
import { DataError } from "../../data/index.js";
import { sizeOf } from "../../graph/index.js";
import { joinRows } from "../../metrics/moments.js";
import { ConfigError, type TrainedRun } from "../../runs/index.js";
import { NdArray } from "../../runtime/index.js";
import { kindOf } from "../../score/inputs.js";
import { Probe } from "../../score/probe.js";
import { openInputs } from "../../score/score-inputs.js";
import { rangeOf } from "../images.js";

/**
 * A picture, a folder of pictures (resized and coloured as for `vera score`), or an `.npy` file as `vera sample` writes them: `[N, C, H, W]`,
 * `[N, C·H·W]` or one `[C, H, W]`, in the model's own numbers.
 * @returns `[N, C, H, W]`
 * @throws ConfigError for a model of other data; DataError where a picture cannot be read, or an array is of another shape or scale
 */
export async function givenPictures(run: TrainedRun, path: string): Promise<NdArray> {
  if (run.info.data.preprocessing.kind !== "image")
    throw new ConfigError(`--from takes pictures, and the model takes ${kindOf(run)}: leave it out`);
  return extname(path).toLowerCase() === ".npy" ? arrayOf(run, path) : decoded(run, path);
}

async function decoded(run: TrainedRun, path: string): Promise<NdArray> {
  const { shape } = run.info.data;
  const inputs = await openInputs(new Probe(run), path);
  const parts: NdArray[] = [];
  try {
    for await (const { count, x, at, problems } of inputs.batches()) {
      for (const [i, problem] of problems) throw new DataError(path, `${at[i]}: ${problem}`);
      parts.push(new NdArray(x.subarray(0, count * sizeOf(shape)), [count, ...shape]));
    }
  } finally {
    await inputs.close();
  }
  if (parts.length === 0) throw new DataError(path, "no picture in it");
  return joinRows(parts);
}

/** How far beyond black and white numbers may lie, of the way between: noise may have been added. */
const BEYOND = 1;

async function arrayOf(run: TrainedRun, path: string): Promise<NdArray> {
  const { shape, preprocessing } = run.info.data;
  const content = await readFile(path).catch((cause: Error) => {
    throw new DataError(path, `cannot be read (${cause.message})`, undefined, { cause });
  });
  const { values, shape: given } = parseNpy(content, path);
  const data = Float32Array.from(values);
  const width = sizeOf(shape);
  const fits = [[...shape], given.length === 2 ? [width] : []].some(
    (each) => each.join() === given.slice(-each.length).join(),
  );
  if (!fits || given.length > shape.length + 1 || data.length === 0)
    throw new DataError(path, `numbers of shape [${given}], where the model takes pictures [N, ${shape}]`);
  const [black, white] = rangeOf(preprocessing)!;
  const slack = BEYOND * (white - black);
  const odd = data.find((v) => !(v >= black - slack && v <= white + slack));
  if (odd !== undefined)
    throw new DataError(path, `holds ${odd}, where the model takes ${black} for black and ${white} for white`);
  return new NdArray(data, [data.length / width, ...shape]);
}
