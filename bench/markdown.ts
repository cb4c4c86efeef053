/** Tables in Markdown, and the numbers of several runs in one cell. */

/** Lines of a table: the first are its headings. @param texts columns of text, on the left; the others hold numbers */
export function markdown(rows: readonly (readonly string[])[], texts: number): string {
  const [heading, ...rest] = rows;
  const rule = heading!.map((_, i) => (i < texts ? "---" : "--:"));
  return [heading!, rule, ...rest].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export interface Shown {
  readonly scale?: number;
  readonly digits: number;
}

export const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** `98.1 ± 0.3`, mean and standard deviation, or `98.1` of one run; a dash of none. */
export function cell(values: readonly number[], { scale = 1, digits }: Shown): string {
  if (values.length === 0) return "–";
  const mean = meanOf(values);
  const sd = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / (values.length - 1));
  const spread = values.length > 1 ? ` ± ${(Math.abs(scale) * sd).toFixed(digits)}` : "";
  return `${(scale * mean).toFixed(digits)}${spread}`;
}
