/** A configuration as text: groups of `name: value`, in the form of a configuration file. */
import { parse } from "yaml";
import { kebab } from "./check.js";
import { GROUPS, type OptionName } from "./options.js";
import { DERIVED, type TrainConfig } from "./train-config.js";

const WIDTH = 22;

/** Can be saved and given to `--config`. */
export function formatConfig(config: TrainConfig): string {
  const derived = DERIVED.map((name) => `# ${line(name, config[name])}`);
  const groups = GROUPS.map(([title, options]) =>
    [`# ${title}`, ...Object.keys(options).map((name) => line(name, config[name as OptionName]))].join("\n"),
  );
  return [["# What follows", ...derived].join("\n"), ...groups].join("\n\n");
}

const line = (name: string, value: unknown): string => `${`${kebab(name)}:`.padEnd(WIDTH)} ${formatValue(value)}`;

const formatValue = (value: unknown): string =>
  typeof value === "string" && /^[A-Za-z./][\w./-]*$/.test(value) && typeof parse(value) === "string"
    ? value
    : JSON.stringify(value);
