/** Names and values: from what a user wrote to settings that have the right types and ranges. */
import { ConfigError, suggestion } from "./error.js";
import type { Option } from "./option.js";
import { OPTIONS, type OptionName, RETIRED, type Settings } from "./options.js";

/** `noiseDim`, `noise_dim` and `noise-dim` → `noise-dim`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`).replace(/_/g, "-");

/** `noise-dim` → `noiseDim`. */
export const camel = (name: string): string => name.replace(/-(.)/g, (_, c: string) => c.toUpperCase());

/** `--noise-dim`. */
export const flagOf = (name: OptionName): string => `--${kebab(name)}`;

/** Options by the names users write, aliases included. */
export const byName = <K extends string>(options: Readonly<Record<K, Option>>): ReadonlyMap<string, K> =>
  new Map(
    (Object.keys(options) as K[]).flatMap((key) => [kebab(key), ...(options[key].aliases ?? [])].map((n) => [n, key])),
  );

const BY_NAME = byName<OptionName>(OPTIONS);

/**
 * The option of a name as users write it: hyphens, underscores or camel case.
 * @param show how a name looks in messages.
 * @throws ConfigError naming the nearest option, or why the original's flag is none here.
 */
export function findOption<K extends string>(
  written: string,
  options: ReadonlyMap<string, K>,
  show: (name: string) => string,
): K {
  const name = kebab(written);
  const known = options.get(name);
  if (known !== undefined) return known;
  const retired = Object.hasOwn(RETIRED, name) ? RETIRED[name] : undefined;
  if (retired !== undefined) throw new ConfigError(`${show(name)} is not an option: ${retired}`);
  throw new ConfigError(`there is no option ${show(written)}${suggestion(name, options.keys(), show)}`);
}

/** A layer of settings checked name by name. @param show how an option is named in messages. */
export function checkSettings(
  values: Readonly<Record<string, unknown>>,
  show: (name: string) => string,
): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(values).map(([written, value]) => {
      const name = findOption(written, BY_NAME, show);
      return [name, checkValue(OPTIONS[name], value, show(kebab(name)))];
    }),
  );
}

/** @throws ConfigError saying what is allowed and what was given. */
export function checkValue(option: Option, value: unknown, name: string): unknown {
  if (option.nothing !== undefined && (value === null || value === option.nothing)) return null;
  const wrong = () => new ConfigError(`${name} takes ${allowed(option)}, not ${shown(value)}`);
  switch (option.type) {
    case "int":
    case "float":
      if (!inRange(option, value)) throw wrong();
      return value;
    case "bool":
      if (typeof value !== "boolean") throw wrong();
      return value;
    case "choice":
      if (!(option.choices as readonly unknown[]).includes(value)) throw wrong();
      return value;
    case "string": // a column may be named by its index
      if (!(typeof value === "string" || typeof value === "number") || value === "") throw wrong();
      return String(value);
    case "numbers": {
      const list = listed(value);
      if (!list.every((x) => inRange(option, x))) throw wrong();
      return list;
    }
    case "strings": {
      const list = listed(value);
      if (!list.every((x) => typeof x === "string" || typeof x === "number")) throw wrong();
      return list.map(String);
    }
  }
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === "none" ? [] : [value]);

function inRange({ type, min, max, above, below }: Option, x: unknown): boolean {
  return (
    typeof x === "number" &&
    Number.isFinite(x) &&
    (type !== "int" || Number.isSafeInteger(x)) &&
    x >= (min ?? -Infinity) &&
    x <= (max ?? Infinity) &&
    x > (above ?? -Infinity) &&
    x < (below ?? Infinity)
  );
}

/** `a whole number, at least 1, or auto`. */
export function allowed(option: Option): string {
  const { type, min, max, above, below, choices, nothing } = option;
  const kind = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    string: "a text",
    choice: choices?.join(", ") ?? "",
    numbers: "numbers",
    strings: "texts",
  }[type];
  const bounds = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter((bound) => bound !== false);
  const range = bounds.length === 0 ? "" : `${type === "numbers" ? ", each" : ""} ${bounds.join(" and ")}`;
  return `${kind}${range}${nothing === undefined || nothing === "none" ? "" : `, or ${nothing}`}`;
}

const shown = (value: unknown): string =>
  typeof value === "string" ? `"${value}"` : value === undefined ? "nothing" : JSON.stringify(value);
