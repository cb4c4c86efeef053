/** Scored inputs as lines of a table, and as JSON. */
import type { Reason } from "../eval/explain.js";
import type { Rejected, Scored } from "../eval/score.js";

/** Which columns there are. */
export interface Shape {
  readonly place: "line" | "file";
  readonly classifies: boolean;
  /** Calibrated: surprise and flag. */
  readonly flags: boolean;
  readonly explains: boolean;
  /** Classes with a column of their own. */
  readonly names: readonly string[];
}

export const heading = ({ place, classifies, flags, explains, names }: Shape): string[] => [
  place,
  ...(classifies ? ["class", "probability"] : []),
  "log_density",
  ...(flags ? ["surprise", "ood"] : []),
  ...names.map((name) => `p(${name})`),
  ...(explains ? ["why"] : []),
  "note",
];

export function cells(input: Scored | Rejected, shape: Shape): string[] {
  if ("problem" in input) {
    return [String(input.at), ...Array<string>(heading(shape).length - 2).fill(""), input.problem];
  }
  return [
    String(input.at),
    ...(shape.classifies ? [input.class!, digits(input.probability!)] : []),
    digits(input.logDensity),
    ...(shape.flags ? [digits(input.surprise!), String(input.ood)] : []),
    ...shape.names.map((_, k) => digits(input.probabilities![k]!)),
    ...(shape.explains ? [reasonText(input.why!)] : []),
    input.notes.join("; "),
  ];
}

/** The first three columns that have a share. */
const reasonText = (why: readonly Reason[]): string =>
  why
    .slice(0, 3)
    .filter(({ share }) => share > 0)
    .map(({ column, share }) => `${column} ${share.toFixed(2)}`)
    .join("; ");

const digits = (x: number): string => String(Number(x.toPrecision(7)));

export const csvLine = (fields: readonly string[]): string =>
  fields.map((f) => (/[",\r\n]/.test(f) ? `"${f.replace(/"/g, '""')}"` : f)).join(",");

/** The same as an object. JSON has no number for a log-density that is not finite: null. */
export function record(input: Scored | Rejected, { place, classifies, flags, explains, names }: Shape): object {
  if ("problem" in input) return { [place]: input.at, problem: input.problem };
  const { at, class: name, probability, logDensity, ood, notes, probabilities, why } = input;
  return {
    [place]: at,
    ...(classifies && { class: name, probability }),
    log_density: logDensity,
    ...(flags && { surprise: input.surprise, ood }),
    ...(names.length > 0 && { probabilities: Object.fromEntries(names.map((n, k) => [n, probabilities![k]])) }),
    ...(explains && { why }),
    ...(notes.length > 0 && { note: notes.join("; ") }),
  };
}
