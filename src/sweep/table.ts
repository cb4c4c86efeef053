/** Results of a sweep as Markdown and as CSV. */
import type { Cell, Results, Row } from "./results.js";

/** Digits that a spread is worth: two of the spread's own, at most six. */
function digitsFor({ mean, deviation }: Cell): number {
  const unit = deviation !== null && deviation > 0 ? deviation : Math.abs(mean) / 100;
  if (unit === 0) return 2;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(unit))));
}

/** `0.981 ± 0.003 (+0.012 ± 0.004)`: mean and deviation over seeds, and the mean difference from the first with its standard error. */
function text(cell: Cell | undefined): string {
  if (cell === undefined) return "–";
  const digits = digitsFor(cell);
  const spread = (value: number | null) => (value === null ? "" : ` ± ${value.toFixed(digits)}`);
  const { mean, deviation, difference } = cell;
  const sign = difference !== null && difference.mean >= 0 ? "+" : "";
  const against = difference === null ? "" : ` (${sign}${difference.mean.toFixed(digits)}${spread(difference.error)})`;
  return `${mean.toFixed(digits)}${spread(deviation)}${against}`;
}

const labelled = ({ variant, missing }: Row): string =>
  variant.name.replaceAll("|", "\\|") + (missing === null ? "" : `, ${missing}`);

/** A table for people: settings, seeds, and a column for each metric. */
export function markdownOf({ metrics, rows }: Results): string {
  const lines = [
    ["settings", "seeds", ...metrics],
    ["---", "--:", ...metrics.map(() => "--:")],
    ...rows.map((row) => [labelled(row), String(row.seeds), ...metrics.map((metric) => text(row.cells[metric]))]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const quoted = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** A line for each variant and metric, in full precision. */
export function csvOf({ metrics, rows }: Results): string {
  const lines = rows.flatMap(({ variant, seeds, cells }) =>
    metrics.flatMap((metric) => {
      const cell = cells[metric];
      if (cell === undefined) return [];
      const { mean, deviation, difference } = cell;
      const numbers = [seeds, mean, deviation, difference?.mean, difference?.error];
      return [[variant.name, metric, ...numbers.map((value) => String(value ?? ""))].map(quoted).join(",")];
    }),
  );
  return ["settings,metric,seeds,mean,deviation,difference,difference_error", ...lines]
    .map((line) => `${line}\n`)
    .join("");
}
