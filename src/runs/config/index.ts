/** The configuration of a training run. `resolveConfig` makes one; everything else is about where it comes from. */
export { allowed, byName, checkValue, findOption, flagOf, kebab } from "./check.js";
export {
  DATASET_NAMES,
  type DatasetPart,
  datasetPart,
  interpolatedSet,
  knownDataset,
  viewsOf,
} from "./datasets.js";
export { hasClassNetwork, hasLabelledDensity, hasTypicality } from "./effects.js";
export { ConfigError, closest, suggestion } from "./error.js";
export { CONFIG_FILE, readConfigFile, readSavedConfig } from "./file.js";
export { formatConfig } from "./format.js";
export type { Describe, Train, TrainHooks, TrainOptions, TrainProgress, TrainResult } from "./hooks.js";
export { ARCHITECTURES, type Architecture, type Base, type Density, type Labels, MODES, type Mode } from "./kinds.js";
export {
  bool,
  choice,
  float,
  int,
  numbers,
  type Option,
  type OptionTraits,
  type OptionValue,
  string,
  strings,
} from "./option.js";
export {
  GROUPS,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  optionOf,
  RETIRED,
  type Settings,
} from "./options.js";
export { PRESETS, type Preset } from "./presets.js";
export { READING } from "./reading.js";
export { type ConfigSources, givenOptions, hasEffect, lastFunction, resolveConfig, withoutEffect } from "./resolve.js";
export { restoredConfig } from "./saved.js";
export type { TrainConfig } from "./train-config.js";
export { chosen, type OptionTable, type Values, valuesOf } from "./values.js";
