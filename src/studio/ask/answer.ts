/** What a model says of one input: as `vera score --explain` says it, with the training rows most like it, or the pixels that matter. */

import { PLAIN } from "../../data/fields.js";
import { decodePictures } from "../../data/formats/pictures.js";
import { DataError, featureRuns, parseNumber, rowEncoder, scalePixels } from "../../data/index.js";
import { sizeOf } from "../../graph/index.js";
import { NdArray, takeRows } from "../../runtime/index.js";
import { Neighbours } from "../../score/neighbours.js";
import { pixelGains } from "../../score/occlude.js";
import { fillRows } from "../../score/probe.js";
import { inputOf, type Scored, scoreBatches } from "../../score/score.js";
import type { Answer, AskedPixels, AskedRow, Nearest } from "../ask-api.js";
import { fieldsOf } from "./about.js";
import type { HeldModel } from "./held.js";
import { pictureAddress } from "./pictures.js";

/** @throws DataError where a field is no number, or of a class that is unknown */
export async function answerRow(held: HeldModel, { fields }: AskedRow): Promise<Answer> {
  const { table } = held;
  const names = table.columns.map(({ name }) => name);
  const given = table.columns.map(({ name, kind }) => {
    const text = fields[name] ?? "";
    // What the page wrote is plain, however the file wrote its numbers.
    return kind === "numeric" ? (parseNumber(text, PLAIN) ?? text) : text;
  });
  const { x, missing, unknown } = rowEncoder({ ...table, label: null }, names)(given);
  const notes = [
    ...missing.map((name) => `missing: ${name}`),
    ...unknown.map((name) => `a value that never occurred: ${name}`),
  ];
  const row = new NdArray(x, [1, ...held.run.info.data.shape]);
  return answer(held, row, notes);
}

/** A grey picture, drawn. @throws DataError where it is not of the model's size */
export async function answerPixels(held: HeldModel, { pixels }: AskedPixels): Promise<Answer> {
  const { shape, preprocessing } = held.run.info.data;
  if (preprocessing.kind !== "image") throw new TypeError("pixels are asked about, and the model takes no pictures");
  const [channels, height, width] = shape as [number, number, number];
  if (pixels.length !== height * width)
    throw new DataError("the picture", `has ${pixels.length} pixels, and the model takes ${height} × ${width}`);
  const plane = Uint8Array.from(pixels, (value) => Math.max(0, Math.min(255, Math.round(value))));
  const all = new Uint8Array(channels * plane.length);
  for (let c = 0; c < channels; c++) all.set(plane, c * plane.length);
  return answer(held, new NdArray(scalePixels(all, 255, preprocessing.scaling), [1, ...shape]), []);
}

/** A picture of any size. @throws DataError where it cannot be read */
export async function answerPicture(held: HeldModel, path: string): Promise<Answer> {
  const { shape, preprocessing } = held.run.info.data;
  if (preprocessing.kind !== "image") throw new TypeError("a picture is asked about, and the model takes none");
  const [channels, side] = shape as [1 | 3, number];
  const { pixels, bad } = await decodePictures([{ path, label: -1 }], side, channels);
  const problem = bad.get(0);
  if (problem !== undefined) throw new DataError("the picture", problem);
  return answer(held, new NdArray(scalePixels(pixels, 255, preprocessing.scaling), [1, ...shape]), []);
}

/** An input as the model takes it. */
export const answerInput = (held: HeldModel, x: Float32Array): Promise<Answer> =>
  answer(held, new NdArray(x, [1, ...held.run.info.data.shape]), []);

/** @param x `[1, …event]` */
async function answer(held: HeldModel, x: NdArray, notes: readonly string[]): Promise<Answer> {
  const { class: name, probabilities, logDensity, surprise, ood, why, notes: own } = await scored(held, x);
  const names = held.run.info.data.classes ?? [];
  return {
    class: name,
    probabilities: probabilities?.map((value, k) => ({ name: names[k] ?? String(k), value })) ?? null,
    logDensity: Number.isFinite(logDensity) ? logDensity : null,
    surprise,
    unusual: ood,
    why,
    notes: [...notes, ...own],
    nearest: nearest(held, x),
    picture: held.kind === "image" ? await pictured(held, x) : null,
  };
}

async function scored(held: HeldModel, x: NdArray): Promise<Scored> {
  const { probe } = held;
  const batch = {
    count: 1,
    x: fillRows(x, probe.batchSize).data as Float32Array,
    at: [1],
    problems: new Map<number, string>(),
    notes: new Map<number, readonly string[]>(),
    kept: [],
  };
  const inputs = {
    place: "row",
    keptTypes: [],
    about: 1,
    notes: [],
    async *batches() {
      yield batch;
    },
    close: async () => {},
  } as const;
  for await (const result of scoreBatches(probe, inputs, held.scoring({ reasons: true }))) {
    const one = inputOf(result, 0);
    if (!("problem" in one)) return one;
  }
  throw new TypeError("one input has one answer");
}

async function pictured({ probe, run }: HeldModel, x: NdArray): Promise<Answer["picture"]> {
  const gains = await pixelGains(probe, x);
  const size = x.shape[2]!;
  return { seen: pictureAddress(x, run.info.data.preprocessing), size, gains: Array.from(gains, rounded) };
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Training rows that are shown beside it. */
const SHOWN = 5;

function nearest(held: HeldModel, x: NdArray): Nearest | null {
  const { reference, kind, run } = held;
  if (reference === null) return null;
  const count = reference.shape[0]!;
  const width = sizeOf(reference.shape.slice(1));
  const columns = kind === "image" ? [{ start: 0, width }] : featureRuns(held.table);
  const places = new Neighbours(new NdArray(reference.data, [count, width]), columns).of(x.data, null).slice(0, SHOWN);
  const rows = places.map((place) => takeRows(reference, Int32Array.of(place)));
  if (kind !== "image") return { kind: "rows", rows: rows.map(({ data }) => fieldsOf(held, data)) };
  return { kind: "pictures", pictures: rows.map((row) => pictureAddress(row, run.info.data.preprocessing)) };
}
