/** Reading a command line by a table of options. Values are checked elsewhere, with those of configuration files. */
import { allowed, byName, findOption, kebab, type Option } from "../runs/config/index.js";
import { UsageError } from "./errors.js";

export interface Arguments {
  /** By the table's keys: numbers, booleans, texts and lists; text that should be a number and is none stays text. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

const flag = (name: string): string => `--${name}`;

/**
 * `--name value`, `--name=value`, `--name 1 2 3` for lists; `--name`, `--no-name` and `--name true|false` for booleans; hyphens or
 * underscores; the last of several wins. After `--` everything is positional; `-h` is `--help`.
 * @throws ConfigError for an option that is not in the table, UsageError where a value is missing.
 */
export function parseArguments(argv: readonly string[], options: Readonly<Record<string, Option>>): Arguments {
  const names = byName(options);
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  const rest = [...argv];
  while (rest.length > 0) {
    const token = rest.shift()!;
    if (token === "--") positionals.push(...rest.splice(0));
    else if (token === "-h") values.help = true;
    else if (!token.startsWith("--")) positionals.push(token);
    else {
      const equals = token.indexOf("=");
      const written = equals < 0 ? token.slice(2) : token.slice(2, equals);
      const attached = equals < 0 ? null : token.slice(equals + 1);
      const negated = /^no[-_]/.test(written) ? names.get(kebab(written.slice(3))) : undefined;
      if (negated !== undefined && options[negated]!.type === "bool" && attached === null) values[negated] = false;
      else {
        const key = findOption(written, names, flag);
        values[key] = takeValue(options[key]!, flag(written), attached, rest);
      }
    }
  }
  return { values, positionals };
}

/** Takes an option's value from what is attached to it, or from the tokens that follow. */
function takeValue(option: Option, name: string, attached: string | null, rest: string[]): unknown {
  if (option.type === "bool") {
    const text = attached ?? (/^(true|false)$/i.test(rest[0] ?? "") ? rest.shift()! : "true");
    return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : text;
  }
  const texts = attached === null ? [] : [attached];
  const many = option.type === "numbers" || option.type === "strings";
  while (attached === null && rest.length > 0 && isValue(rest[0]!) && (many || texts.length === 0))
    texts.push(rest.shift()!);
  if (texts.length === 0) throw new UsageError(`${name} needs a value: ${allowed(option)}`);
  if (!many) return option.type === "string" || typeof option.choices?.[0] === "string" ? texts[0] : number(texts[0]!);
  const items = texts.flatMap((text) => text.split(",")).map((text) => text.trim());
  if (items.length === 1 && items[0] === "none") return [];
  return option.type === "numbers" ? items.map(number) : items;
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

const isValue = (token: string): boolean => !token.startsWith("-") || token === "-" || NUMBER.test(token);

const number = (text: string): number | string => (NUMBER.test(text) ? Number(text) : text);
