/** What is made of each column of a table, and why: by what it holds, unless the user says. */

import { DataError, show } from "../data/error.js";
import { parseNumber } from "../data/fields.js";
import { total } from "../runtime/numbers.js";
import { hasIdentifierName, mayCountRows } from "./identifiers.js";
import { type ColumnChoice, type ColumnSurvey, MAX_CLASSES, MAX_LEVELS } from "./survey.js";

export interface Decision {
  readonly name: string;
  readonly becomes: "numeric" | "categorical" | "label" | "left out";
  /** Rows without a value. */
  readonly missing: number;
  /** Range or levels, for people. */
  readonly content: string;
  /** Where it is not plain; for people. */
  readonly why: string;
}

interface Context {
  readonly rows: number;
  readonly labelAt: number;
  /** Whether the file names its columns. */
  readonly named: boolean;
  /** Where row `row` is, for messages: `line 17`. */
  readonly place: (row: number) => string;
}

/** A column of numbers with so few different ones, and missing ones, is one of categories. */
const FEW_LEVELS = 10;
/** 2024-01-31, 31.1.2024 or 1/31/24, with a time or without. */
const DATE = /^(\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4}|\d{4}\/\d\d?\/\d\d?)([T ,].*\d\d.*)?$/;
/** Of a column's values, to be numbers with some odd ones among them. */
const NEARLY = 0.95;
/** With fewer rows nothing is told from values that do not repeat. */
const TELLING_ROWS = 20;

export function decide(columns: readonly ColumnSurvey[], choice: ColumnChoice, context: Context): Decision[] {
  return columns.map((column, i) =>
    i === context.labelAt ? label(column, context) : feature(column, choice, context),
  );
}

function feature(
  c: ColumnSurvey,
  { ignore = [], categorical = [], numeric = [] }: ColumnChoice,
  context: Context,
): Decision {
  const { name, levels, numbers, odd } = c;
  const { rows } = context;
  const asNumber = (why = ""): Decision => ({
    name,
    becomes: "numeric",
    missing: rows - numbers,
    content: rangeOf(c),
    why: [why, oddNote(c, context)].filter((w) => w !== "").join("; "),
  });
  const asCategory = (why = ""): Decision => ({
    name,
    becomes: "categorical",
    missing: missingOf(c, rows),
    content: levelsOf(c),
    why,
  });
  const leftOut = (why: string): Decision => ({
    name,
    becomes: "left out",
    missing: missingOf(c, rows),
    content: c.numbers > 0 && c.odd === 0 && c.holds !== "boolean" ? rangeOf(c) : levelsOf(c),
    why,
  });

  if (ignore.includes(name)) return leftOut("as asked");
  if (c.holds === "other") return leftOut("neither numbers nor text");
  if (numeric.includes(name)) {
    if (numbers === 0)
      throw new DataError(`column "${name}"`, `--numeric, and no value is a number${firstOdd(c, context)}`);
    return asNumber("as asked");
  }
  if (numbers + odd + c.infinite === 0 && (levels === null || levels.size === 0)) return leftOut("no values");
  if (c.holds === "time") return leftOut("points in time, which do not come again; --numeric takes them as seconds");
  if (categorical.includes(name)) {
    if (levels === null || levels.size > MAX_LEVELS) return leftOut(tooMany(c));
    return asCategory("as asked");
  }
  if (
    c.holds !== "boolean" &&
    numbers > 0 &&
    numbers >= NEARLY * (numbers + odd) &&
    !(odd > 0 && c.distinct <= FEW_LEVELS)
  ) {
    // That a number is missing says something; where there are few numbers, it is a value like them.
    if (numbers < rows && odd === 0 && levels !== null && levels.size <= FEW_LEVELS && levels.size > 1)
      return asCategory("few values, and missing ones among them");
    if (isIdentifier(c, context))
      return leftOut("nearly every row has another value: an identifier; --numeric keeps it");
    return asNumber(countsRows(c, rows) ? "counts the rows: an identifier? --ignore leaves it out" : "");
  }
  const nearly = numbers >= 0.5 * (numbers + odd) && odd > 0;
  const disturbed = nearly
    ? `text, since ${show(odd)} of ${show(numbers + odd)} values ${odd === 1 ? "is no number" : "are no numbers"}${firstOdd(c, context)}`
    : "";
  if (levels === null || levels.size > MAX_LEVELS)
    return leftOut(nearly ? `${disturbed}; --numeric takes the others` : tooMany(c));
  if (levels.size > FEW_LEVELS && [...levels.keys()].every((level) => DATE.test(level)))
    return leftOut("dates, which do not come again; --categorical keeps them");
  if (levels.size === 1 && missingOf(c, rows) === 0) return leftOut("the same value in every row");
  if (rows >= TELLING_ROWS && levels.size > 0.5 * rows)
    return leftOut("text, and nearly every row has another: an identifier?");
  return asCategory(nearly ? `${disturbed}; --numeric takes the others` : "");
}

/** @throws DataError where it is no column of classes. */
function label(c: ColumnSurvey, context: Context): Decision {
  return { name: c.name, becomes: "label", missing: missingOf(c, context.rows), content: levelsOf(c), why: "" };
}

/**
 * The classes of a column, in order.
 * @throws DataError where there are none, one, or what is no class.
 */
export function classesOf(where: string, c: ColumnSurvey, rows: number, { categorical = [] }: ColumnChoice): string[] {
  const { name, levels } = c;
  const different = levels?.size ?? c.distinct;
  if (different === 0) throw new DataError(where, `label column "${name}" has no values`);
  if (levels === null || different > MAX_CLASSES)
    throw new DataError(
      where,
      `label column "${name}" has ${levels === null ? "about " : ""}${show(different)} different values, which are no classes`,
      "name a column of classes",
    );
  if (different === 1)
    throw new DataError(where, `label column "${name}" has one class only: "${[...levels.keys()][0]}"`);
  if (!categorical.includes(name)) {
    const labelled = rows - missingOf(c, rows);
    const quantity = c.odd === 0 && different > 20 && (!c.whole || different > labelled / 4);
    if (quantity)
      throw new DataError(
        where,
        `label column "${name}" has ${show(different)} different numbers in ${show(labelled)} rows: a quantity, and no classes`,
        `name a column of classes, or say that they are some: --categorical ${name}`,
      );
    if (different > 20 && different > labelled / 2)
      throw new DataError(
        where,
        `label column "${name}" has ${show(different)} different values in ${show(labelled)} rows: an identifier, and no classes`,
        `name a column of classes, or say that they are some: --categorical ${name}`,
      );
  }
  return [...levels.keys()].sort(byNumberOrText);
}

/** Numbers in order of size, before text in order of its characters. */
export function byNumberOrText(a: string, b: string): number {
  const [x, y] = [parseNumber(a), parseNumber(b)];
  if (x !== null && y !== null && x !== y) return x - y;
  if ((x === null) !== (y === null)) return x === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rows without a value, as of a column of text. */
function missingOf({ levels, numbers, odd, infinite }: ColumnSurvey, rows: number): number {
  if (levels === null) return rows - numbers - odd - infinite;
  return rows - total([...levels.values()]);
}

const tooMany = ({ levels, distinct }: ColumnSurvey): string =>
  `text of more than ${MAX_LEVELS} different values (${levels === null ? "about " : ""}${show(distinct)}): an identifier?`;

function oddNote(c: ColumnSurvey, context: Context): string {
  const odd =
    c.odd === 0
      ? []
      : [
          `${show(c.odd)} ${c.odd === 1 ? "value is no number and is" : "values are no numbers and are"} taken for missing${firstOdd(c, context)}`,
        ];
  const infinite =
    c.infinite === 0
      ? []
      : [`${show(c.infinite)} ${c.infinite === 1 ? "value is" : "values are"} infinite, taken for missing`];
  return [...odd, ...infinite].join("; ");
}

const firstOdd = ({ firstOdd: first }: ColumnSurvey, { place }: Context): string =>
  first === null ? "" : `: "${shortened(first.value)}" in ${place(first.row)}`;

const shortened = (value: string): string => (value.length <= 40 ? value : `${value.slice(0, 37)}…`);

/** Whole numbers of which nearly every row has another, under a name for such, or under none where others have one. */
const isIdentifier = (c: ColumnSurvey, { rows, named }: Context): boolean =>
  c.whole && c.odd === 0 && rows >= TELLING_ROWS && c.distinct >= 0.9 * rows && hasIdentifierName(c.name, named);

const countsRows = (c: ColumnSurvey, rows: number): boolean =>
  rows >= TELLING_ROWS && mayCountRows(c, rows) && c.distinct >= 0.9 * rows;

const digits = (x: number): string => String(Number(x.toPrecision(6)));

function rangeOf({ numbers, min, max, style }: ColumnSurvey): string {
  if (numbers === 0) return "";
  const how = describeStyle(style);
  const written = how === "" ? "" : ` (written with ${how})`;
  const [low, high] = [digits(min), digits(max)];
  return `${low === high && min !== max ? `${min} … ${max}` : `${low} … ${high}`}${written}`;
}

const describeStyle = ({ decimal, group, unit }: ColumnSurvey["style"]): string =>
  [
    ...(decimal === "," ? ["decimal commas"] : []),
    ...(group === "" ? [] : [`"${group}" between thousands`]),
    ...(unit === "" ? [] : [unit]),
  ].join(", ");

const SHOWN = 5;

function levelsOf({ levels, distinct }: ColumnSurvey): string {
  if (levels === null) return distinct === 0 ? "" : `about ${show(distinct)} values`;
  const often = [...levels].sort(([a, m], [b, n]) => n - m || byNumberOrText(a, b)).map(([level]) => shortened(level));
  const list = often.slice(0, SHOWN).join(", ");
  return levels.size <= SHOWN ? list : `${levels.size} levels: ${list}, …`;
}
