/** What is scored, ready for the model: rows of a table or pictures, so many at a time as the model takes in one call. */
import { statSync } from "node:fs";
import { basename, relative } from "node:path";
import { allPictures, type Picture } from "../data/formats/image-folder.js";
import { isPicture } from "../data/formats/picture-files.js";
import { decodePictures } from "../data/formats/pictures.js";
import { DataError, type Scaling, scalePixels } from "../data/index.js";
import { sizeOf } from "../graph/index.js";
import { EMPTY, type EncodedRows, type EncodeOptions, encodeRows, IN_MEMORY } from "../tables/index.js";
import { kindOf, unlabelled } from "./inputs.js";
import type { Probe } from "./probe.js";

/** Some inputs, good and bad ones, in order. */
export interface InputBatch {
  readonly count: number;
  /** f32 `[batch, ...event]`, of which the first `count` are inputs; where there is a problem, without meaning. */
  readonly x: Float32Array;
  /** Line of the file (the header is line 1), row where there are no lines, or path of the picture within the folder. */
  readonly at: readonly (number | string)[];
  readonly problems: ReadonlyMap<number, string>;
  readonly notes: ReadonlyMap<number, readonly string[]>;
  /** Columns of the input that were asked for, by row. */
  readonly kept: readonly (readonly (string | null)[])[];
}

/** Inputs that are open. */
export interface ScoreInputs {
  readonly place: "line" | "row" | "file";
  /** The database's types of the columns that are kept, where the file has types. */
  readonly keptTypes: readonly (string | undefined)[];
  /** How many there are, about; null where it is not known before the end. */
  readonly about: number | null;
  /** What a user should know of the file. */
  readonly notes: readonly string[];
  batches(): AsyncGenerator<InputBatch>;
  close(): Promise<void>;
}

/** @throws DataError where the path is not what the model takes, or columns are absent. */
export async function openInputs(probe: Probe, path: string, reading: EncodeOptions = {}): Promise<ScoreInputs> {
  const { preprocessing, shape } = probe.run.info.data;
  const found = statSync(path, { throwIfNoEntry: false });
  if (preprocessing.kind === "image") {
    if (found === undefined) throw new DataError(path, "no such file or folder");
    if (!found.isDirectory() && !isPicture(basename(path)))
      throw new DataError(path, `not a folder of pictures, nor a picture; the model takes ${kindOf(probe.run)}`);
    return pictures(probe, path, found.isDirectory(), preprocessing.scaling);
  }
  if (found?.isDirectory())
    throw new DataError(
      path,
      `a folder; the model takes ${kindOf(probe.run)}`,
      `for one result name its files by a pattern, like '${path.replace(/\/$/, "")}/*.csv', for one each a folder by --out-dir`,
    );
  if (found === undefined && !/[*?[]|:\/\//.test(path) && path !== IN_MEMORY)
    throw new DataError(path, "no such file or folder");
  const model = preprocessing.kind === "table" ? unlabelled(preprocessing) : sizeOf(shape);
  const source = await encodeRows(path, model, reading);
  return {
    place: source.place,
    keptTypes: source.keptTypes,
    about: source.about,
    notes: source.notes,
    batches: () => filled(source.rows(), CALLS * probe.batchSize, sizeOf(shape)),
    close: source.close,
  };
}

/** Of the model, for rows that are written together. */
const CALLS = 4;

/** Rows as they come, in batches of the same size. Lines that are empty are passed over. */
async function* filled(parts: AsyncGenerator<EncodedRows>, size: number, width: number): AsyncGenerator<InputBatch> {
  let batch = new Filling(size, width);
  try {
    for await (const part of parts) {
      for (let i = 0; i < part.count; ) {
        i = batch.take(part, i);
        if (batch.count < size) continue;
        yield batch;
        batch = new Filling(size, width);
      }
    }
  } catch (cause) {
    // What was read before the file broke off is good all the same.
    if (batch.count > 0) yield batch;
    throw cause;
  }
  if (batch.count > 0) yield batch;
}

class Filling implements InputBatch {
  count = 0;
  readonly x: Float32Array;
  readonly at: number[] = [];
  readonly problems = new Map<number, string>();
  readonly notes = new Map<number, readonly string[]>();
  readonly kept: (readonly (string | null)[])[] = [];

  constructor(
    private readonly size: number,
    private readonly width: number,
  ) {
    this.x = new Float32Array(size * width);
  }

  /** Takes rows from row `from` on while there is room. @returns the first that was not taken */
  take(part: EncodedRows, from: number): number {
    const { width } = this;
    let row = from;
    for (; row < part.count && this.count < this.size; row++) {
      const problem = part.problems.get(row);
      if (problem === EMPTY) continue;
      if (problem !== undefined) this.problems.set(this.count, problem);
      const missing = part.missing.get(row);
      const unknown = part.unknown.get(row);
      if (missing !== undefined || unknown !== undefined)
        this.notes.set(this.count, [...named("missing", missing), ...named("unknown value in", unknown)]);
      this.at.push(part.lines[row]!);
      if (part.kept.length > 0) this.kept.push(part.kept.map((column) => column[row]!));
      for (let j = 0, to = this.count * width, at = row * width; j < width; j++) this.x[to++] = part.x[at++]!;
      this.count++;
    }
    return row;
  }
}

const named = (what: string, columns: readonly string[] = []): string[] =>
  columns.length === 0
    ? []
    : [`${what} ${columns.slice(0, 3).join(", ")}${columns.length > 3 ? ` and ${columns.length - 3} more` : ""}`];

/** Pictures decoded at a time. */
const DECODED = 64;

function pictures(probe: Probe, path: string, isFolder: boolean, scaling: Scaling): ScoreInputs {
  const found = isFolder ? allPictures(path) : null;
  const all = found?.pictures ?? [{ path, label: -1 }];
  const unread = [...(found?.bad ?? []), ...(found?.others ?? [])];
  const name = (file: string) => (isFolder ? relative(path, file) || file : basename(path));
  return {
    place: "file",
    keptTypes: [],
    about: all.length + unread.length,
    notes: [],
    async *batches() {
      if (unread.length > 0) yield unreadable(probe, unread, name);
      yield* decoded(probe, all, name, scaling);
    },
    close: async () => {},
  };
}

type Name = (file: string) => string;

/** Files that are no pictures to begin with: none of them goes to the model. */
function unreadable(probe: Probe, files: readonly { path: string; problem: string }[], name: Name): InputBatch {
  return {
    count: files.length,
    x: new Float32Array(sizeOf(probe.run.info.data.shape)),
    at: files.map(({ path }) => name(path)),
    problems: new Map(files.map(({ problem }, i) => [i, problem])),
    notes: new Map(),
    kept: [],
  };
}

async function* decoded(
  probe: Probe,
  all: readonly Picture[],
  name: Name,
  scaling: Scaling,
): AsyncGenerator<InputBatch> {
  const [channels, side] = probe.run.info.data.shape as [1 | 3, number];
  const size = Math.min(DECODED, probe.batchSize);
  for (let from = 0; from < all.length; from += size) {
    const some = all.slice(from, from + size);
    const { pixels, bad } = await decodePictures(some, side, channels);
    const x = new Float32Array(size * channels * side * side);
    x.set(scalePixels(pixels, 255, scaling));
    const at = some.map(({ path }) => name(path));
    yield { count: some.length, x, at, problems: bad, notes: new Map(), kept: [] };
  }
}
