/** What was made of a table's columns, as text in columns. */
import type { Dataset } from "../data/dataset.js";
import type { Decision } from "./decide.js";
import type { TableDataset } from "./load-table.js";

const WIDTHS = { name: 24, content: 44 } as const;

/** What a user should know of data before they are learned: of a table, what was made of its columns. @param most columns shown */
export const aboutData = (dataset: Dataset | TableDataset, most?: number): readonly string[] =>
  "columns" in dataset ? [...dataset.remarks, describeColumns(dataset.columns, most)] : dataset.notes;

/** @param most columns shown; the others are counted. */
export function describeColumns(columns: readonly Decision[], most = Number.POSITIVE_INFINITY): string {
  const shown = columns.slice(0, most);
  const rows = [
    ["column", "becomes", "missing", "range or levels", "why"],
    ...shown.map(({ name, becomes, missing, content, why }) => [
      cut(name, WIDTHS.name),
      BECOMES[becomes],
      missing === 0 ? "" : String(missing),
      cut(content, WIDTHS.content),
      why,
    ]),
  ];
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => [...row[j]!].length)));
  const lines = rows.map((row) =>
    row
      .map((text, j) => (j === 2 ? text.padStart(widths[j]!) : text.padEnd(widths[j]!)))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...(columns.length > shown.length ? [rest(columns.slice(shown.length))] : [])].join("\n");
}

/** What a column becomes, in words for people. */
export const BECOMES = {
  numeric: "number",
  categorical: "category",
  label: "class",
  "left out": "left out",
} as const satisfies Readonly<Record<Decision["becomes"], string>>;

const cut = (text: string, width: number): string => {
  const plain = text.replace(/\s+/g, " ");
  return [...plain].length <= width ? plain : `${[...plain].slice(0, width - 1).join("")}…`;
};

function rest(columns: readonly Decision[]): string {
  const counts = new Map<string, number>();
  for (const { becomes } of columns) counts.set(BECOMES[becomes], (counts.get(BECOMES[becomes]) ?? 0) + 1);
  return `… and ${columns.length} more: ${[...counts].map(([what, count]) => `${what} ${count}`).join(", ")}`;
}
