/** The beginnings of a new run: those of another, as its page says them. */
import type { RunDetail } from "../../../src/studio/api.js";
import type { Settings } from "../settings.js";
import type { Choice } from "./columns.js";
import type { Source } from "./source.js";

export interface Beginning {
  readonly source: Source | null;
  readonly choice: Choice;
  /** By kebab-case names: those that differ from the defaults. */
  readonly settings: Settings;
  /** The others, too: a preset that stands in for what is not said must not say otherwise. */
  readonly unchanged: Settings;
}

/** Settings of the data, which this page has forms of its own for. */
export const OF_DATA: ReadonlySet<string> = new Set([
  "dataset",
  "csv",
  "table",
  "image-folder",
  "label",
  "ignore",
  "categorical",
  "numeric",
]);
const PLACES: ReadonlySet<string> = new Set(["save-dir", "resume", "ckpt-path"]);

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

export function beginningOf({ configuration }: Pick<RunDetail, "configuration">): Beginning {
  const all = configuration.map((setting) => ({ ...setting, name: setting.flag.replace(/^--/, "") }));
  const value = (name: string) => all.find((setting) => setting.name === name)?.value;
  const table = text(value("table")) ?? text(value("csv"));
  const folder = text(value("image-folder"));
  const dataset = text(value("dataset"));
  const others = all.filter(({ name, value: given }) => !OF_DATA.has(name) && !PLACES.has(name) && given !== null);
  const settings = (differ: boolean): Settings =>
    Object.fromEntries(
      others.filter(({ differs }) => differs === differ).map(({ name, value: given }) => [name, given]),
    );
  return {
    source:
      table !== null
        ? { kind: "table", table, name: table.split(/[/\\]/).at(-1)! }
        : folder !== null
          ? { kind: "pictures", folder }
          : dataset !== null
            ? { kind: "dataset", name: dataset }
            : null,
    choice: {
      label: text(value("label")),
      ignore: texts(value("ignore")),
      categorical: texts(value("categorical")),
      numeric: texts(value("numeric")),
    },
    settings: settings(true),
    unchanged: settings(false),
  };
}
