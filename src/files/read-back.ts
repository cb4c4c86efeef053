/**
 * What is read back from a file is checked whole, by a schema that stands beside its type. A message names the key, what is allowed there
 * and what was found; whoever reads the file adds its name and the way out. Free of Node.
 */
import * as v from "valibot";

/** A schema of anything that JSON can hold, to become a T. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** The entries of an object's schema, one for each key of T: a key that T gains or loses is an error where its schema is written. */
export type Entries<T> = { readonly [K in keyof T]-?: Schema<T[K]> };

/** The value as a T. @throws what `refuse` makes of the first thing that its schema does not allow */
export function checked<T>(schema: Schema<T>, value: unknown, refuse: (problem: string) => Error): T {
  const result = v.safeParse(schema, value, { message: allowedBy, abortEarly: true });
  if (result.success) return result.output;
  throw refuse(problemOf(result.issues[0]));
}

/** JSON as a T. @throws what `refuse` makes of text that is no JSON, or is not as its schema wants it */
export function checkedJson<T>(schema: Schema<T>, text: string, refuse: (problem: string) => Error): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`no JSON (${(cause as Error).message})`);
  }
  return checked(schema, value, refuse);
}

/** A whole number. */
export const whole = (min = 0) => v.pipe(v.number(), v.safeInteger(), v.minValue(min));

/** A number; JSON can write some beyond all that a float holds. */
export const finite = () => v.pipe(v.number(), v.finite());

/** A number above 0. */
export const positive = () => v.pipe(v.number(), v.finite(), v.gtValue(0));

/** A list with something in it. */
export const several = <T>(element: Schema<T>) => v.pipe(v.array(element), v.minLength(1));

/** What is allowed, in words. */
function allowedBy(issue: v.BaseIssue<unknown>): string {
  const requirement = "requirement" in issue ? String(issue.requirement) : "";
  switch (issue.type) {
    case "number":
    case "finite":
      return "a number";
    case "safe_integer":
      return "a whole number";
    case "min_value":
      return `at least ${requirement}`;
    case "max_value":
      return `at most ${requirement}`;
    case "gt_value":
      return `a number above ${requirement}`;
    case "lt_value":
      return `a number below ${requirement}`;
    case "min_length":
      return `a list of at least ${requirement}`;
    case "string":
      return "a text";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "tuple":
    case "strict_tuple":
      return "a list of another length";
    case "object":
    case "loose_object":
    case "strict_object":
    case "record":
      return "an object";
    default:
      // Of a choice these are its values: ("a" | "b").
      return (issue.expected ?? "").replace(/[()]/g, "").replaceAll(" | ", " or ");
  }
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const at = path === null ? "" : `${path}: `;
  if (issue.type === "check") return `${at}${issue.message}`;
  const last = issue.path?.at(-1);
  const container = last?.type === "object" ? (last.input as object) : null;
  if (container !== null && !Object.hasOwn(container, last!.key as string)) return `${path} is missing`;
  if (issue.expected === "never") return `${path} is not known to this version`;
  return `${at}${issue.message} expected, found ${shown(issue.input)}`;
}

/** Longer values are cut off: a message is one line. */
const SHOWN = 60;

/** A value for messages. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
