/** Scored inputs as lines of a table, and as JSON. */
import type { Reason } from "./explain.js";
import { inputOf, notesOf, type ScoredBatch } from "./score.js";

/** Which columns there are. */
export interface Shape {
  readonly place: "line" | "row" | "file";
  /** Columns of the input that are copied through. */
  readonly kept: readonly string[];
  /** The database's types of these, where the input has types. */
  readonly types: readonly (string | undefined)[];
  readonly classifies: boolean;
  /** Calibrated: surprise and flag. */
  readonly flags: boolean;
  readonly explains: boolean;
  /** Classes with a column of their own. */
  readonly names: readonly string[];
}

export const heading = ({ place, kept, classifies, flags, explains, names }: Shape): string[] => [
  place,
  ...kept,
  ...(classifies ? ["class", "probability"] : []),
  "log_density",
  ...(flags ? ["surprise", "ood"] : []),
  ...names.map((name) => `p(${name})`),
  ...(explains ? ["why"] : []),
  "note",
];

/** A batch as lines of CSV. */
export function csvLines(batch: ScoredBatch, shape: Shape): string {
  const { at, kept, problems, classes, best, probabilities, logDensity, surprise, ood, why, notes } = batch;
  const names = classes?.map(quoted) ?? [];
  const blanks = ",".repeat(heading(shape).length - shape.kept.length - 1);
  let text = "";
  for (let i = 0; i < batch.count; i++) {
    text += typeof at[i] === "number" ? at[i] : quoted(String(at[i]));
    for (let j = 0; j < shape.kept.length; j++) text += `,${quoted(kept[i]![j] ?? "")}`;
    const problem = problems.get(i);
    if (problem !== undefined) {
      text += `${blanks}${quoted(problem)}\n`;
      continue;
    }
    if (best !== null) text += `,${names[best[i]!]},${digits(probabilities![i * names.length + best[i]!]!)}`;
    text += `,${digits(logDensity[i]!)}`;
    if (shape.flags) text += `,${shareOf(surprise![i]!)},${ood![i]}`;
    for (let k = 0; k < shape.names.length; k++) text += `,${digits(probabilities![i * names.length + k]!)}`;
    if (shape.explains) text += `,${quoted(reasonText(why![i]!))}`;
    const plain = notes.size === 0 && Number.isFinite(logDensity[i]!);
    text += plain ? ",\n" : `,${quoted(notesOf(batch, i).join("; "))}\n`;
  }
  return text;
}

/** The first three columns that have a share. */
export const reasonText = (why: readonly Reason[]): string =>
  why
    .slice(0, 3)
    .filter(({ share }) => share > 0)
    .map(({ column, share }) => `${column} ${share.toFixed(2)}`)
    .join("; ");

const SHARES = new Map<number, string>();
const MOST_SHARES = 100_000;

/** Surprise in digits: there are no more different values than held-out rows. */
function shareOf(surprise: number): string {
  let text = SHARES.get(surprise);
  if (text === undefined) {
    text = digits(surprise);
    if (SHARES.size < MOST_SHARES) SHARES.set(surprise, text);
  }
  return text;
}

const POWERS = Array.from({ length: 23 }, (_, k) => 10 ** k);

/** A number in seven digits, without zeros at its end: as `Number(x.toPrecision(7))`, but ten times as fast where it may be. */
export function digits(x: number): string {
  const size = Math.abs(x);
  if (!(size >= 1e-6 && size < 1e7)) return String(Number(x.toPrecision(7)));
  let shift = 6;
  for (let s = size; s >= 10; s /= 10) shift--;
  for (let s = size; s < 1; s *= 10) shift++;
  const power = POWERS[shift]!;
  return String(Math.round(x * power) / power);
}

export const csvLine = (fields: readonly string[]): string => fields.map(quoted).join(",");

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field);

/** A batch as JSON, an object a line. JSON has no number for a log-density that is not finite: null. */
export function jsonLines(batch: ScoredBatch, shape: Shape): string {
  let text = "";
  for (let i = 0; i < batch.count; i++) text += `${JSON.stringify(record(batch, i, shape))}\n`;
  return text;
}

function record(batch: ScoredBatch, i: number, { place, kept, classifies, flags, explains, names }: Shape): object {
  const input = inputOf(batch, i);
  const given = { [place]: input.at, ...Object.fromEntries(kept.map((name, j) => [name, batch.kept[i]![j] ?? null])) };
  if ("problem" in input) return { ...given, problem: input.problem };
  const { class: name, probability, logDensity, ood, notes, probabilities, why } = input;
  return {
    ...given,
    ...(classifies && { class: name, probability }),
    log_density: logDensity,
    ...(flags && { surprise: input.surprise, ood }),
    ...(names.length > 0 && { probabilities: Object.fromEntries(names.map((n, k) => [n, probabilities![k]])) }),
    ...(explains && { why }),
    ...(notes.length > 0 && { note: notes.join("; ") }),
  };
}
