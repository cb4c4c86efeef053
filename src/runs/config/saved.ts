/** The resolved configuration of a run, as it is read back from its folder: every value checked, and that they belong together. */
import * as v from "valibot";
import { SCALINGS } from "../../data/scaling.js";
import { checked, type Entries, finite, type Schema, several, shown, whole } from "../../files/read-back.js";
import { OUTPUT_ACTIVATIONS } from "../../nn/architectures/output.js";
import { ConfigError } from "./error.js";
import { ARCHITECTURES, DENSITIES, LABELS, MODES } from "./kinds.js";
import { derive, restoredSettings } from "./resolve.js";
import { type Derived, FILLED, type TrainConfig } from "./train-config.js";

const DERIVED_SCHEMA: Schema<Derived> = v.object({
  mode: v.picklist(MODES),
  labels: v.picklist(LABELS),
  density: v.picklist(DENSITIES),
  architecture: v.picklist(ARCHITECTURES),
  shape: v.nullable(several(whole(1))),
  dataName: v.string(),
  dataKind: v.picklist(["toy", "image", "table"]),
  classes: v.nullable(whole()),
  scaling: v.picklist(SCALINGS),
  outputActivation: v.picklist(OUTPUT_ACTIVATIONS),
  augmentation: v.nullable(
    v.object({
      pad: whole(),
      flip: v.boolean(),
      warp: v.exactOptional(v.object({ shift: finite(), bend: finite() })),
    }),
  ),
} satisfies Entries<Derived>);

/**
 * Of what follows from the settings, that which must follow now as it did then. The rest is the run's own: other versions, and imports,
 * may choose another network for the same settings.
 */
const BINDING = ["mode", "labels", "density", "dataName", "dataKind", "scaling"] as const;

/**
 * The configuration in the content of a run's file. Options that it does not have are at their defaults: earlier versions had fewer.
 * @param file for messages
 * @throws ConfigError naming the file, the key, what was found and what is allowed
 */
export function restoredConfig(values: Readonly<Record<string, unknown>>, file: string): TrainConfig {
  const refuse = (problem: string) => new ConfigError(`${file}: ${problem}; restore the file as training wrote it`);
  const named = <T>(check: () => T): T => {
    try {
      return check();
    } catch (cause) {
      throw cause instanceof ConfigError ? refuse(cause.message) : cause;
    }
  };
  const settings = named(() => restoredSettings(values));
  for (const name of FILLED) if (settings[name] === null) throw refuse(`${name} is missing`);
  const derived = checked(DERIVED_SCHEMA, values, refuse);
  const follows = named(() => derive(settings));
  for (const name of BINDING) {
    if (follows[name] === derived[name]) continue;
    throw refuse(`${name} is ${shown(derived[name])}, and from the other settings follows ${shown(follows[name])}`);
  }
  return { ...follows, ...derived };
}
