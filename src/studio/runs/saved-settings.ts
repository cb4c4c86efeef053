/** What a run's config.json says, as far as lists show it: read without asking whether all of it goes together. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { checked, type Schema } from "../../files/read-back.js";
import { CONFIG_FILE, filledIn, OPTION_NAMES, type OptionName, optionOf } from "../../runs/config/index.js";
import type { SettingValue } from "../api.js";

export interface SavedSettings {
  readonly data: string;
  readonly mode: string;
  readonly architecture: string;
  readonly values: Readonly<Partial<Record<OptionName, SettingValue>>>;
}

/** A setting in JSON. */
export const VALUE: Schema<SettingValue> = v.nullable(
  v.union([v.number(), v.boolean(), v.string(), v.array(v.union([v.number(), v.string()]))]),
);

const NAMES = v.looseObject({
  dataName: v.string(),
  mode: v.string(),
  architecture: v.string(),
  run: v.looseObject({}),
});

/** @throws Error saying what is wrong with the file */
export function readSettings(folder: string): SavedSettings {
  const refuse = (problem: string) => new Error(`${CONFIG_FILE}: ${problem}`);
  let text: string;
  try {
    text = readFileSync(join(folder, CONFIG_FILE), "utf8");
  } catch {
    throw new Error(`${CONFIG_FILE} is not there, or cannot be read: restore it`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw refuse(`no JSON (${(cause as Error).message}); restore the file as training wrote it`);
  }
  const { dataName, mode, architecture, ...all } = checked(NAMES, content, refuse);
  return { data: dataName, mode, architecture, values: settingsIn(all) };
}

/** Of anything by name, what settings can be. */
export function settingsIn(all: Readonly<Record<string, unknown>>): SavedSettings["values"] {
  const values: Partial<Record<OptionName, SettingValue>> = {};
  for (const name of OPTION_NAMES) {
    const found = v.safeParse(VALUE, all[name]);
    if (found.success) values[name] = found.output;
  }
  return values;
}

/** Where a run lies, and how it is shown: no settings of what is learned. */
const PLACES: ReadonlySet<OptionName> = new Set(["saveDir", "resume", "ckptPath", "dataRoot"]);

/** Settings that are not at their defaults, nor what stands for them in such a run. */
export function differing(values: SavedSettings["values"], architecture: string): Record<string, SettingValue> {
  const differs = isOther(values, architecture);
  return Object.fromEntries(
    OPTION_NAMES.flatMap((name) => {
      const value = values[name];
      return value !== undefined && differs(name) ? [[name, value]] : [];
    }),
  );
}

export function isOther(values: SavedSettings["values"], architecture: string): (name: OptionName) => boolean {
  const { sgldStd } = values;
  const open = { noiseDim: null, sgldLr: null, sgldStd: typeof sgldStd === "number" ? sgldStd : 0 };
  const filled: Readonly<Partial<Record<OptionName, SettingValue>>> = filledIn(open, architecture);
  return (name) => {
    const value = values[name];
    const { default: initial } = optionOf(name);
    if (value === undefined || PLACES.has(name) || value === initial || value === filled[name]) return false;
    return !Array.isArray(value) || JSON.stringify(value) !== JSON.stringify(initial);
  };
}
