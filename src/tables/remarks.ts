/** What a user should know of a table that was loaded. */
import { show } from "../data/error.js";
import { parseNumber } from "../data/fields.js";
import type { TablePreprocessing } from "../data/table.js";
import type { Decision } from "./decide.js";
import type { TableSource } from "./source.js";
import type { ColumnSurvey, Survey } from "./survey.js";

/** Rows as messages name them: those that have an odd value or are bad, which are few. */
export async function placesOf(source: TableSource, about: Survey): Promise<(row: number) => string> {
  const wanted = [
    ...about.columns.flatMap(({ firstOdd }) => (firstOdd === null ? [] : [firstOdd.row])),
    ...about.firstBad.map(({ row }) => row),
    ...(about.unclosed === null ? [] : [about.unclosed]),
  ];
  const lines = await source.linesAt(wanted);
  return (row) => `${source.place} ${lines.get(row) ?? row + 1}`;
}

/** Rows of too many or too few fields, as a sentence without its end. */
export async function badText(source: TableSource, about: Survey): Promise<string> {
  const place = await placesOf(source, about);
  const expected = source.columns.length;
  const list = about.firstBad.map(({ row, fields }) => `${place(row)} has ${fields}`).join(", ");
  const more = about.bad > about.firstBad.length ? ", …" : "";
  return `${show(about.bad)} of ${show(about.rows + about.bad)} rows ${about.bad === 1 ? "has" : "have"} not the ${expected} fields that the others have (${list}${more})`;
}

/** By column: missing values, and what was decided where it is not plain. */
export function aboutColumns(
  { columns }: TablePreprocessing,
  decisions: readonly Decision[],
  { rows }: Survey,
): string[] {
  const filled = columns.flatMap((c) =>
    c.missing === 0
      ? []
      : [
          `column "${c.name}": ${show(c.missing)} of ${show(rows)} values missing, ` +
            (c.kind === "numeric"
              ? `filled with the training mean ${Number(c.mean.toPrecision(6))}`
              : "a level of their own"),
        ],
  );
  const told = (leftOut: boolean) =>
    decisions.filter(({ becomes, why }) => why !== "" && (becomes === "left out") === leftOut);
  return [
    ...filled,
    ...told(false).map(({ name, why }) => `column "${name}": ${why}`),
    ...told(true).map(({ name, why }) => `column "${name}" left out: ${why}`),
  ];
}

/** Classes that may be none: of one row, or alike but for case; and rows without one. */
export function classNotes({ levels }: ColumnSurvey, rows: number, unlabelled: number): string[] {
  const single = [...levels!].flatMap(([name, count]) => (count === 1 ? [`"${name}"`] : []));
  const folded = new Map<string, string[]>();
  for (const name of levels!.keys())
    folded.set(name.toLowerCase(), [...(folded.get(name.toLowerCase()) ?? []), `"${name}"`]);
  const numbers = levels!.size > 20 && [...levels!.keys()].every((name) => parseNumber(name) !== null);
  const alike = [...folded.values()].filter((names) => names.length > 1);
  return [
    ...(single.length > 0
      ? [
          `${single.length === 1 ? "class" : "classes"} with one row, too few to learn from and test on: ${single.slice(0, 5).join(", ")}${single.length > 5 ? ", …" : ""}`,
        ]
      : []),
    ...(numbers ? [`${levels!.size} classes that are all numbers: a quantity is none`] : []),
    ...alike.map((names) => `classes that differ in case only: ${names.join(", ")}`),
    ...(unlabelled > 0
      ? [`${show(unlabelled)} of ${show(rows)} rows have no class: training uses them without one`]
      : []),
  ];
}
