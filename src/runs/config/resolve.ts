/** Putting a configuration together: flags over file over preset over defaults. */
import { OUTPUT_ACTIVATIONS } from "../../nn/architectures/output.js";
import { IN_MEMORY } from "../../tables/table-name.js";
import { camel, checkSettings, flagOf } from "./check.js";
import { ALTERNATIVES, type Choices, choose, firstSet } from "./choose.js";
import { refuseContradictions } from "./contradictions.js";
import { datasetFacts, datasetName, imageFolderFacts, type SourceFacts, tableFacts, tableOf } from "./datasets.js";
import { ConfigError } from "./error.js";
import { ARCHITECTURES } from "./kinds.js";
import { defaults, type OptionName, optionOf, type Settings } from "./options.js";
import { presetSettings } from "./presets.js";
import { DERIVED, PROVENANCE, type TrainConfig } from "./train-config.js";

export interface ConfigSources {
  /** What the user asked for in person; wins over the rest. Names in any spelling, values of the options' types. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /**
   * Content of a configuration file. It may be the resolved configuration of another run, whose folder is not taken over, and it
   * may name a `preset`.
   */
  readonly file?: Readonly<Record<string, unknown>>;
  readonly preset?: string;
  /** The resolved configuration of the run that `flags.resume` continues. Only flags can be given beside it. */
  readonly saved?: Readonly<Record<string, unknown>>;
}

/** @throws ConfigError naming an option, what was given for it and what is allowed, or two options that contradict. */
export function resolveConfig(sources: ConfigSources = {}): TrainConfig {
  const flags = named(checkSettings(sources.flags ?? {}, (name) => `--${name}`));
  const lower = sources.saved === undefined ? fileAndPreset(sources, flags) : resumed(sources, flags);
  const config = derive(layered([...lower, flags]));
  return sources.saved === undefined ? config : { ...config, ...asSaved(sources.saved) };
}

/** Which networks a resumed run has stays as it was, however a run that begins now would choose them. */
function asSaved({
  outputActivation,
  architecture,
}: Readonly<Record<string, unknown>>): Partial<Pick<TrainConfig, "outputActivation" | "architecture">> {
  const known = <T>(list: readonly T[], value: unknown): T | undefined => list.find((each) => each === value);
  const [last, pair] = [known(OUTPUT_ACTIVATIONS, outputActivation), known(ARCHITECTURES, architecture)];
  return { ...(last && { outputActivation: last }), ...(pair && { architecture: pair }) };
}

/** The settings of a resolved configuration, `noiseDim` and such as they were filled in. @throws ConfigError naming them as its file does */
export const restoredSettings = (values: Readonly<Record<string, unknown>>): Settings =>
  layered([named(checkSettings(settingsOf(values), camel))]);

/** Layers, the lowest first, over the defaults. */
const layered = (layers: readonly Partial<Settings>[]): Settings => layers.reduce(merge, defaults());

/** The presets of runs on data of the user's own, unless another is named: the paper's defaults are not for these. */
const OF_OWN_DATA = { csv: "table", table: "table", imageFolder: "pictures" } as const;

const SOURCES = ["dataset", "csv", "table", "imageFolder"] as const satisfies readonly OptionName[];

function fileAndPreset({ file = {}, preset }: ConfigSources, flags: Partial<Settings>): Partial<Settings>[] {
  const { preset: filePreset, ...rest } = isResolved(file) ? settingsOf(file, PLACES) : file;
  if (filePreset !== undefined && typeof filePreset !== "string")
    throw new ConfigError("preset in the configuration file takes the name of a preset");
  const settings = named(checkSettings(rest, (name) => `${name} in the configuration file`));
  const source = [flags, settings].find((s) => SOURCES.some((name) => s[name] != null)) ?? {};
  const own = (["csv", "table", "imageFolder"] as const).find((name) => source[name] != null);
  const chosen = preset ?? filePreset ?? (own && OF_OWN_DATA[own]);
  return [chosen === undefined ? {} : named(presetSettings(chosen)), settings];
}

/** Where a run lives: nothing that another run should take over. */
const PLACES: readonly OptionName[] = ["saveDir", "resume", "ckptPath"];

function resumed({ saved, file, preset }: ConfigSources, flags: Partial<Settings>): Partial<Settings>[] {
  if (file !== undefined || preset !== undefined)
    throw new ConfigError(`--${file ? "config" : "preset"}: a resumed run keeps its configuration`);
  const was = checkSettings(settingsOf(saved!), (name) => `${name} in the configuration of the run`);
  for (const name of Object.keys(flags) as OptionName[]) {
    if (optionOf(name).live || JSON.stringify(flags[name]) === JSON.stringify(was[name])) continue;
    throw new ConfigError(
      `${flagOf(name)} cannot change when a run is resumed: it was ${JSON.stringify(was[name] ?? null)}; start a new run`,
    );
  }
  return [was, flags.resume == null ? {} : { saveDir: flags.resume }];
}

const isResolved = (values: Readonly<Record<string, unknown>>): boolean =>
  DERIVED.every((name) => Object.hasOwn(values, name));

/** A resolved configuration without what follows from the rest. */
const settingsOf = (
  values: Readonly<Record<string, unknown>>,
  without: readonly OptionName[] = [],
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => !([...DERIVED, ...without, PROVENANCE] as string[]).includes(name)),
  );

/** Data sets by the registry's name; a query without a table is one of a database in memory. */
function named(layer: Partial<Settings>): Partial<Settings> {
  if (typeof layer.dataset === "string") return { ...layer, dataset: datasetName(layer.dataset) };
  return layer.query != null && SOURCES.every((name) => layer[name] == null) ? { ...layer, table: IN_MEMORY } : layer;
}

/**
 * A layer over those below. Where it chooses one of several alternatives, it takes back what lower layers chose: `--csv` replaces a
 * preset's data set.
 */
function merge(below: Settings, layer: Partial<Settings>): Settings {
  const taken: Partial<Record<OptionName, unknown>> = {};
  const chosen = (name: OptionName) => Object.hasOwn(layer, name) && isChosen(layer[name]);
  for (const [what, options] of ALTERNATIVES) {
    const given = options.filter(chosen);
    if (given.length > 1)
      throw new ConfigError(`${given.map(flagOf).join(" and ")} exclude each other: choose one ${what}`);
    if (given.length === 1) for (const name of options) taken[name] = optionOf(name).default;
  }
  if (Object.hasOwn(layer, "nEpochs") && !Object.hasOwn(layer, "nIters")) taken.nIters = null; // the length last asked for
  return { ...below, ...(taken as Partial<Settings>), ...layer };
}

const isChosen = (value: unknown): boolean => value !== null && value !== false && value !== "none";

/** What follows from the settings. @throws ConfigError where they contradict one another */
export function derive(s: Settings): TrainConfig {
  const table = tableOf(s);
  const dataset = table === null && s.imageFolder === null ? (s.dataset ?? "circles") : null;
  const source = sourceFacts(s, dataset);
  const choices = choose(s, source);
  refuseContradictions(s, source, choices);
  return {
    ...s,
    dataset,
    ...filledIn(s, choices.architecture),
    saveDir: s.saveDir ?? `runs/${source.name}-${titleOf(choices)}`,
    ...choices,
    dataName: source.name,
    dataKind: source.kind,
    classes: source.classes,
    scaling: s.unitInterval ? "unit" : s.logit ? "logit" : "symmetric",
    outputActivation: lastFunction({ dataKind: source.kind, density: choices.density, unitInterval: s.unitInterval }),
    augmentation: s.dataAug ? (source.views?.weak ?? null) : null,
  };
}

/** What stands for settings that are left open. */
export const filledIn = (
  { noiseDim, sgldLr, sgldStd }: Pick<Settings, "noiseDim" | "sgldLr" | "sgldStd">,
  architecture: string,
) => ({
  noiseDim: noiseDim ?? (architecture === "toy" ? 2 : 128),
  sgldLr: sgldLr ?? sgldStd ** 2 / 2,
});

/** The last function of generators, as in the original. */
export function lastFunction({
  dataKind,
  density,
  unitInterval,
}: Pick<TrainConfig, "dataKind" | "density" | "unitInterval">): TrainConfig["outputActivation"] {
  if (dataKind !== "image" || density === "nice") return "none";
  return unitInterval ? "sigmoid" : "tanh";
}

/** What a run is called by: on a base measure the labels tell more than the mode. */
const titleOf = ({ mode, labels }: Choices): string =>
  mode !== "base-only" || labels === "none" ? mode : labels === "all" ? "jem" : "semi-supervised";

function sourceFacts(s: Settings, dataset: string | null): SourceFacts {
  if (dataset !== null) return datasetFacts(dataset);
  const table = tableOf(s);
  return table === null ? imageFolderFacts(s.imageFolder!) : tableFacts(table, s.label);
}

/** Whether an option changes what is trained in this run. */
export const hasEffect = (config: TrainConfig, name: OptionName): boolean => optionOf(name).effect?.(config) ?? true;

/** Options given that have no effect on this run: for a note to the user, not an error. */
export const withoutEffect = (config: TrainConfig, given: Iterable<OptionName>): OptionName[] =>
  [...given].filter((name) => firstSet(config, [name]) !== undefined && !hasEffect(config, name));

/** The options among names in any spelling. @throws ConfigError where one is unknown. */
export const givenOptions = (values: Readonly<Record<string, unknown>>): OptionName[] =>
  Object.keys(checkSettings(values, (name) => `--${name}`)) as OptionName[];
