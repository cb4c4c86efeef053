/** A command's own options: read from the command line, checked, and with defaults filled in. */
import { type OptionTable, type Values, valuesOf } from "../runs/config/index.js";
import { parseArguments } from "./arguments.js";

/** @throws ConfigError for an unknown option or a value that is not allowed, UsageError for a missing one. */
export function readOptions<O extends OptionTable>(
  argv: readonly string[],
  options: O,
): { readonly values: Values<O>; readonly positionals: readonly string[] } {
  const { values, positionals } = parseArguments(argv, options);
  return { values: valuesOf(options, values), positionals };
}
