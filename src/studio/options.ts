/** The options of training, as a form or a table needs them. */
import { GROUPS, kebab, type Option, type OptionName, optionOf, PRESETS } from "../runs/config/index.js";
import type { OptionInfo, Options, Setting } from "./api.js";
import { isOther, type SavedSettings } from "./runs/saved-settings.js";

const inGroups: readonly (readonly [group: string, name: OptionName])[] = GROUPS.flatMap(([title, options]) =>
  Object.keys(options).map((name) => [title, name as OptionName] as const),
);

/** Where a run lies is the studio's to say. */
const NOT_ASKED: ReadonlySet<OptionName> = new Set(["saveDir", "resume", "ckptPath"]);

export const isAsked = (name: OptionName): boolean => !NOT_ASKED.has(name);

const inform = (group: string, name: OptionName, option: Option): OptionInfo => ({
  name: kebab(name),
  flag: `--${kebab(name)}`,
  group,
  type: option.type,
  default: option.default,
  choices: option.choices ?? null,
  min: option.min ?? option.above ?? null,
  max: option.max ?? option.below ?? null,
  help: option.help,
});

export const options = (): Options => ({
  options: inGroups.filter(([, name]) => isAsked(name)).map(([group, name]) => inform(group, name, optionOf(name))),
  presets: Object.entries(PRESETS).map(([name, { description }]) => ({ name, description })),
});

/** What a run's file says of all options. */
export function configuration({ values, architecture }: Pick<SavedSettings, "values" | "architecture">): Setting[] {
  const differs = isOther(values, architecture);
  return inGroups.flatMap(([group, name]) => {
    const value = values[name];
    if (value === undefined) return [];
    const { default: initial, help } = optionOf(name);
    return [{ name, flag: `--${kebab(name)}`, group, value, default: initial, differs: differs(name), help }];
  });
}
