/** Settings of runs: how they are written, and which runs are the same but for their seeds. */
import type { RunSummary, SettingValue } from "../../src/studio/api.js";

export type Settings = Readonly<Record<string, SettingValue>>;

/** What does not make another model: how often something is written, and where, and by how many threads. */
const ASIDE: ReadonlySet<string> = new Set([
  "saveDir",
  "resume",
  "ckptPath",
  "dataRoot",
  "printEvery",
  "vizEvery",
  "ckptEvery",
  "saveEvery",
  "evalEvery",
  "plots",
  "sgldSteps",
  "provider",
  "threads",
  "scan",
]);

/** A setting that a run does not list is at its default. */
export const DEFAULT = "default";

export function written(value: SettingValue | undefined): string {
  if (value === undefined) return DEFAULT;
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return typeof value === "number" ? String(value).replace("-", "−") : String(value);
}

export const sameValue = (a: SettingValue | undefined, b: SettingValue | undefined): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

/** Names of settings that are not the same in all of these runs, in the order in which they come; the seed, which says least, last. */
export function differingSettings(all: readonly Settings[]): string[] {
  const found = new Set(all.flatMap((settings) => Object.keys(settings)));
  const names = [...[...found].filter((name) => name !== "seed"), "seed"];
  return names.filter((name) => !ASIDE.has(name) && all.some((settings) => !sameValue(settings[name], all[0]![name])));
}

/** Equal for runs that differ in their seeds alone. */
export function recipeOf({ data, mode, architecture, settings }: RunSummary): string {
  const kept = Object.entries(settings).filter(([name]) => name !== "seed" && !ASIDE.has(name));
  return JSON.stringify([data, mode, architecture, kept.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** What tells recipes apart, in words: the settings in which they differ. */
export function recipeName(run: RunSummary, differing: readonly string[]): string {
  const parts = differing.filter((name) => name !== "seed").map((name) => `${name} ${written(run.settings[name])}`);
  return parts.length === 0 ? `${run.data}, ${run.mode}` : parts.join(", ");
}
