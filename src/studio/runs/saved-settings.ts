/** What a run's config.json says, as far as lists show it: read without asking whether all of it goes together. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { checked, type Schema } from "../../files/read-back.js";
import { CONFIG_FILE, OPTION_NAMES, type OptionName, optionOf } from "../../runs/config/index.js";
import type { SettingValue } from "../api.js";

export interface SavedSettings {
  readonly data: string;
  readonly mode: string;
  readonly architecture: string;
  readonly values: Readonly<Partial<Record<OptionName, SettingValue>>>;
}

const VALUE: Schema<SettingValue> = v.nullable(
  v.union([v.number(), v.boolean(), v.string(), v.array(v.union([v.number(), v.string()]))]),
);

const NAMES = v.object({ dataName: v.string(), mode: v.string(), architecture: v.string(), run: v.looseObject({}) });

/** @throws Error saying what is wrong with the file */
export async function readSettings(folder: string): Promise<SavedSettings> {
  const refuse = (problem: string) => new Error(`${CONFIG_FILE}: ${problem}`);
  const text = await readFile(join(folder, CONFIG_FILE), "utf8").catch(() => {
    throw new Error(`${CONFIG_FILE} is not there, or cannot be read: restore it`);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw refuse(`no JSON (${(cause as Error).message}); restore the file as training wrote it`);
  }
  const { dataName, mode, architecture } = checked(NAMES, content, refuse);
  const all = content as Readonly<Record<string, unknown>>;
  const values: Partial<Record<OptionName, SettingValue>> = {};
  for (const name of OPTION_NAMES) {
    const found = v.safeParse(VALUE, all[name]);
    if (found.success) values[name] = found.output;
  }
  return { data: dataName, mode, architecture, values };
}

/** Where a run lies, and how it is shown: no settings of what is learned. */
const PLACES: ReadonlySet<OptionName> = new Set(["saveDir", "resume", "ckptPath", "dataRoot"]);

/** Settings that are not at their defaults. */
export const differing = (values: SavedSettings["values"]): Record<string, SettingValue> =>
  Object.fromEntries(
    OPTION_NAMES.flatMap((name) => {
      const value = values[name];
      return value === undefined || PLACES.has(name) || isDefault(name, value) ? [] : [[name, value]];
    }),
  );

export function isDefault(name: OptionName, value: SettingValue): boolean {
  const { default: initial } = optionOf(name);
  return value === initial || (Array.isArray(value) && JSON.stringify(value) === JSON.stringify(initial));
}
