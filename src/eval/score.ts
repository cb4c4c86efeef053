/** Scoring new inputs with a trained model: class, calibrated probability, log-density, and whether they are like its data. */
import { statSync } from "node:fs";
import { basename, relative } from "node:path";
import { sniffCsv } from "../data/formats/csv.js";
import { allPictures } from "../data/formats/image-folder.js";
import { isPicture } from "../data/formats/picture-files.js";
import { decodePictures } from "../data/formats/pictures.js";
import { DataError, rowEncoder, scalePixels, type TablePreprocessing } from "../data/index.js";
import { sizeOf } from "../graph/index.js";
import * as m from "../metrics/index.js";
import { NdArray } from "../runtime/index.js";
import { surprise } from "./calibration.js";
import type { Reason } from "./explain.js";
import { kindOf, unlabelled } from "./inputs.js";
import { numberedRows } from "./numbered-rows.js";
import type { Probe } from "./probe.js";

/** What the model says of one input. */
export interface Scored {
  /** Line of the file (the header is line 1), or path of the picture within the folder. */
  readonly at: number | string;
  /** The most probable class; null for models without classes. */
  readonly class: string | null;
  /** Its probability, at the temperature given. */
  readonly probability: number | null;
  /** Of all classes. */
  readonly probabilities: readonly number[] | null;
  /** f(x), the unnormalised log-density. */
  readonly logDensity: number;
  /** Share of held-out rows that are more likely (calibration.ts); null where they are not given. */
  readonly surprise: number | null;
  /** f(x) is below the threshold; null without one. An f(x) that is not a number is below any. */
  readonly ood: boolean | null;
  /** Columns by how much they make the row unlikely (explain.ts); null where they were not asked for. */
  readonly why: readonly Reason[] | null;
  /** Values that were filled in or never seen. */
  readonly notes: readonly string[];
}

/** An input that could not be read. */
export interface Rejected {
  readonly at: number | string;
  readonly problem: string;
}

export interface ScoreOptions {
  /** Default 1: probabilities as the model gives them. */
  readonly temperature?: number;
  /** On f(x); null or absent for none. */
  readonly threshold?: number | null;
  /** f of held-out rows, ascending (`heldout` of a calibration): what surprise is measured by. */
  readonly heldout?: readonly number[];
  /** Reasons for each row `[B, …]`: `Explainer.explain`, for models of tables. */
  readonly explain?: (x: NdArray) => Promise<readonly (readonly Reason[])[]>;
}

/** An input ready for the model. */
type Prepared = { readonly at: number | string; readonly x: Float32Array; readonly notes: readonly string[] };

/**
 * Scores a CSV file (for models of tables and points), a folder of pictures or a single one (for models of images), in order. Inputs
 * are streamed: a batch of them is in memory.
 * @throws DataError where the path is not what the model takes, or columns are absent; a bad row is yielded as {@link Rejected}.
 */
export async function* score(
  probe: Probe,
  path: string,
  options: ScoreOptions = {},
): AsyncGenerator<Scored | Rejected> {
  const inputs = prepare(probe, path);
  let failure: { readonly cause: unknown } | null = null;
  for (let more = true; more; ) {
    const batch: (Prepared | Rejected)[] = [];
    try {
      while (more && batch.length < probe.batchSize) {
        const { value, done } = await inputs.next();
        if (done) more = false;
        else batch.push(value);
      }
    } catch (cause) {
      // What was read before the file broke off is scored all the same.
      [failure, more] = [{ cause }, false];
    }
    yield* await scoreBatch(probe, batch, options);
  }
  if (failure !== null) throw failure.cause;
}

async function scoreBatch(
  probe: Probe,
  batch: readonly (Prepared | Rejected)[],
  { temperature = 1, threshold = null, heldout, explain }: ScoreOptions,
): Promise<(Scored | Rejected)[]> {
  const { shape, classes } = probe.run.info.data;
  const good = batch.filter((input): input is Prepared => "x" in input);
  if (good.length === 0) return batch as Rejected[];
  const width = sizeOf(shape);
  const x = new Float32Array(good.length * width);
  good.forEach((input, i) => {
    x.set(input.x, i * width);
  });
  const inputs = new NdArray(x, [good.length, ...shape]);
  const { logDensity, logits } = await probe.predict(inputs);
  const reasons = (await explain?.(inputs)) ?? null;
  const count = probe.run.model.classes;
  const p = logits && m.softmaxRows(logits, count!, temperature);
  const best = p && m.predictedClasses(p, count!);
  const scored = good.map(({ at, notes }, i): Scored => {
    const f = logDensity[i]!;
    return {
      at,
      class: best && (classes?.[best[i]!] ?? String(best[i])),
      probability: p && p[i * count! + best![i]!]!,
      probabilities: p && Array.from(p.subarray(i * count!, (i + 1) * count!)),
      logDensity: f,
      surprise: heldout === undefined ? null : surprise(f, heldout),
      why: reasons && reasons[i]!,
      ood: threshold === null ? null : !(f >= threshold),
      notes: Number.isFinite(f) ? notes : [...notes, "the log-density is not a finite number"],
    };
  });
  let next = 0;
  return batch.map((input) => ("x" in input ? scored[next++]! : input));
}

async function* prepare(probe: Probe, path: string): AsyncGenerator<Prepared | Rejected> {
  const { preprocessing, shape } = probe.run.info.data;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new DataError(path, "no such file or folder");
  if (preprocessing.kind === "image") {
    if (!found.isDirectory() && !isPicture(basename(path)))
      throw new DataError(path, `not a folder of pictures, nor a picture; the model takes ${kindOf(probe.run)}`);
    yield* pictures(probe, path, found.isDirectory(), preprocessing.scaling);
  } else {
    if (found.isDirectory()) throw new DataError(path, `a folder; the model takes ${kindOf(probe.run)}`);
    yield* rows(path, preprocessing.kind === "table" ? unlabelled(preprocessing) : sizeOf(shape));
  }
}

/** @param table how rows become inputs; for points, the number of their columns. */
async function* rows(path: string, table: TablePreprocessing | number): AsyncGenerator<Prepared | Rejected> {
  const format = await sniffCsv(path, typeof table === "number" ? [] : table.columns.map(({ name }) => name));
  const { header, hasHeader } = format;
  const preprocessing = typeof table === "number" ? pointColumns(path, header, table) : table;
  const absent = preprocessing.columns.filter(({ name }) => !header.includes(name)).map(({ name }) => `"${name}"`);
  if (absent.length > 0) {
    const some = absent.slice(0, 5).join(", ") + (absent.length > 5 ? `, … (${absent.length} columns)` : "");
    const line = hasHeader ? "" : "; its first line is taken for values: it must name the columns";
    throw new DataError(path, `no column ${some}, which the model needs${line}`);
  }
  const encode = rowEncoder(preprocessing, header);
  for await (const row of numberedRows(path, format)) {
    const at = row.line;
    if ("problem" in row) {
      yield { at, problem: row.problem };
      continue;
    }
    try {
      const { x, missing, unknown } = encode(row.fields);
      yield { at, x, notes: [...named("missing", missing), ...named("unknown value in", unknown)] };
    } catch (cause) {
      if (!(cause instanceof DataError)) throw cause;
      yield { at, problem: `${cause.where}: ${cause.problem}` };
    }
  }
}

const named = (what: string, columns: readonly string[]): string[] =>
  columns.length === 0
    ? []
    : [`${what} ${columns.slice(0, 3).join(", ")}${columns.length > 3 ? ` and ${columns.length - 3} more` : ""}`];

/** Points are tables of plain numbers, whatever their columns are called. */
function pointColumns(path: string, header: readonly string[], width: number): TablePreprocessing {
  if (header.length !== width)
    throw new DataError(path, `${header.length} columns, but the model takes points of ${width} numbers`);
  const columns = header.map((name) => ({ kind: "numeric", name, mean: 0, std: 1, missing: 0 }) as const);
  return { kind: "table", columns, dropped: [], label: null };
}

/** Pictures decoded at a time. */
const DECODED = 64;

async function* pictures(
  probe: Probe,
  path: string,
  isFolder: boolean,
  scaling: "symmetric" | "unit" | "logit",
): AsyncGenerator<Prepared | Rejected> {
  const [channels, size] = probe.run.info.data.shape as [1 | 3, number];
  const found = isFolder ? allPictures(path) : null;
  const all = found?.pictures ?? [{ path, label: -1 }];
  const name = (file: string) => (isFolder ? relative(path, file) || file : basename(path));
  const width = channels * size * size;
  for (const file of [...(found?.bad ?? []), ...(found?.others ?? [])])
    yield { at: name(file.path), problem: file.problem };
  for (let at = 0; at < all.length; at += DECODED) {
    const some = all.slice(at, at + DECODED);
    const decoded = await decodePictures(some, size, channels);
    const x = scalePixels(decoded.pixels, 255, scaling);
    for (const [i, picture] of some.entries()) {
      const problem = decoded.bad.get(i);
      const at = name(picture.path);
      yield problem === undefined ? { at, x: x.subarray(i * width, (i + 1) * width), notes: [] } : { at, problem };
    }
  }
}
