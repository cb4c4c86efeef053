/** Values for a table of options that are a command's or an evaluation's own, rather than a run's. */
import { checkValue, kebab } from "./check.js";
import { ConfigError } from "./error.js";
import type { Option, OptionValue } from "./option.js";

/** Options by the camel case of their flags. */
export type OptionTable = Readonly<Record<string, Option>>;

/** A value for every option of a table. */
export type Values<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends Option<infer T extends OptionValue> ? T : never;
};

/**
 * Values that were given, checked, and the defaults of all others. What the table does not have is passed over.
 * @throws ConfigError for a value that is not allowed
 */
export function valuesOf<O extends OptionTable>(options: O, given: Readonly<Record<string, unknown>>): Values<O> {
  const values = Object.fromEntries(
    Object.entries(options).map(([key, option]) => [
      key,
      Object.hasOwn(given, key) ? checkValue(option, given[key], `--${kebab(key)}`) : option.default,
    ]),
  );
  return values as Values<O>;
}

/** `all`, or names of a list. @throws ConfigError for one that is not on it */
export function chosen<T extends string>(given: readonly string[], known: readonly T[], flag: string): readonly T[] {
  if (given.length === 1 && given[0] === "all") return known;
  return given.map((name) => {
    const found = known.find((each) => each === name);
    if (found === undefined) throw new ConfigError(`${flag} takes ${known.join(", ")} or all, not "${name}"`);
    return found;
  });
}
