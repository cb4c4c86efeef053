/** A command's own options: read from the command line, checked, and with defaults filled in. */
import { checkValue, kebab, type Option, type OptionValue } from "../runs/config/index.js";
import { parseArguments } from "./arguments.js";

/** A value for every option of a table. */
export type Values<O extends Readonly<Record<string, Option>>> = {
  readonly [K in keyof O]: O[K] extends Option<infer T extends OptionValue> ? T : never;
};

/** @throws ConfigError for an unknown option or a value that is not allowed, UsageError for a missing one. */
export function readOptions<O extends Readonly<Record<string, Option>>>(
  argv: readonly string[],
  options: O,
): { readonly values: Values<O>; readonly positionals: readonly string[] } {
  const { values: given, positionals } = parseArguments(argv, options);
  const values = Object.fromEntries(
    Object.entries(options).map(([key, option]) => [
      key,
      Object.hasOwn(given, key) ? checkValue(option, given[key], `--${kebab(key)}`) : option.default,
    ]),
  );
  return { values: values as Values<O>, positionals };
}
