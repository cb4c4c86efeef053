/** The README's tables of results, of rows of sweeps. */
import type { TrainConfig } from "../src/runs/index.js";
import type { Row } from "../src/sweep/results.js";
import { markdown } from "./markdown.js";
import { USUAL } from "./tell-apart.js";

/** A row with the settings of one of its runs. */
export interface Shown extends Row {
  readonly config: TrainConfig;
}

interface Digits {
  readonly scale?: number;
  readonly digits: number;
}

/** Of several seeds with the deviation, unless that is nothing at these digits; of none empty. */
function cell({ cells }: Row, metric: string, { scale = 1, digits }: Digits): string {
  const found = cells[metric];
  if (found === undefined) return "";
  const fixed = (value: number) => (scale * value).toFixed(digits);
  const spread = found.deviation === null ? "" : Math.abs(scale * found.deviation).toFixed(digits);
  return spread === "" || Number(spread) === 0 ? fixed(found.mean) : `${fixed(found.mean)} ± ${spread}`;
}

function minutes({ cells }: Row): string {
  const taken = cells.minutes?.mean;
  if (taken === undefined) return "";
  return taken < 0.1 ? "< 0.1" : taken.toFixed(taken < 9.95 ? 1 : 0);
}

/** Densities in the plane: a row for each preset, with what the paper's settings, which have none, give of the same data. */
export function planeTable(rows: readonly Shown[]): string {
  const likelihood = (row: Row) => cell(row, "log_likelihood", { scale: -1, digits: 3 });
  const lines = rows
    .filter(({ variant }) => variant.preset !== null)
    .map((row) => {
      const paper = rows.find(
        ({ variant, config }) => variant.preset === null && config.dataset === row.config.dataset,
      );
      const density = cell(row, "true_density", { digits: 3 });
      return [`\`${row.variant.preset}\``, likelihood(row), density, paper ? likelihood(paper) : "", minutes(row)];
    });
  return markdown([["preset", "test NLL, nats", "true density", "the paper's settings", "minutes"], ...lines], 1);
}

/** What AUROC is against, by the names of columns. */
const AGAINST = { noise: "uniform", constants: "constant", "means of two": "interp", Fashion: "fashion-mnist" };

/** Without what all have: .998 for 0.998. */
const area = (row: Row, score: string, set: string): string =>
  cell(row, `${score} ${set}`, { digits: 3 }).replaceAll(/\b0\./g, ".");

/** Classifiers that are densities; of classifiers alone a second line has the best of what one would take who has no density. */
export function classifiersTable(rows: readonly Shown[]): string {
  const lines = rows.flatMap((row) => {
    const sets = Object.values(AGAINST);
    const percent = { scale: 100, digits: row.seeds > 1 ? 1 : 2 };
    const mnist = area(row, "px", "mnist");
    const first = [
      `\`${row.variant.preset ?? "–"}\``,
      `${row.variant.name}${mnist === "" ? "" : `; against MNIST: ${mnist}`}`,
      cell(row, "accuracy", percent),
      cell(row, "ece", percent),
      cell(row, "nll", { digits: 3 }),
      ...sets.map((set) => area(row, "px", set)),
      minutes(row),
    ];
    const best = sets.map((set) => bestOf(row, set));
    if (best.every((found) => found === null)) return [first];
    const others = best.map((found) => (found === null ? "" : `${found.area} (${found.score})`));
    return [first, ["", `the best of ${USUAL.join(", ")}`, "", "", "", ...others, ""]];
  });
  const heading = ["preset", "learns from", "accuracy, %", "ECE, %", "NLL, nats", ...Object.keys(AGAINST), "minutes"];
  return markdown([heading, ...lines], 2);
}

/** By its mean over seeds. */
function bestOf(row: Row, set: string): { readonly score: string; readonly area: string } | null {
  const [first] = USUAL.filter((score) => row.cells[`${score} ${set}`] !== undefined).sort(
    (a, b) => row.cells[`${b} ${set}`]!.mean - row.cells[`${a} ${set}`]!.mean,
  );
  return first === undefined ? null : { score: first, area: area(row, first, set) };
}
