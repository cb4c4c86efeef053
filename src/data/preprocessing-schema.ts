/** How data was prepared, as it is read back from beside a model. Free of Node. */
import * as v from "valibot";
import { type Entries, finite, positive, type Schema, several, whole } from "../files/read-back.js";
import type { ImagePreprocessing, Preprocessing } from "./dataset.js";
import { type NumberStyle, UNITS } from "./fields.js";
import { SCALINGS } from "./scaling.js";
import type { CategoricalColumn, NumericColumn, TablePreprocessing } from "./table.js";

// Strict: a key that this version does not know would be a step of the preparation that it leaves out.

export const STYLE: Schema<NumberStyle> = v.strictObject({
  decimal: v.picklist([".", ","]),
  group: v.picklist(["", ",", ".", " ", "'"]),
  unit: v.picklist(["", ...UNITS]),
} satisfies Entries<NumberStyle>);

const NUMERIC = v.strictObject({
  kind: v.literal("numeric"),
  name: v.string(),
  mean: finite(),
  std: positive(),
  missing: whole(),
  style: v.optional(STYLE),
} satisfies Entries<NumericColumn>);

const CATEGORICAL = v.strictObject({
  kind: v.literal("categorical"),
  name: v.string(),
  levels: several(v.string()),
  missing: whole(),
} satisfies Entries<CategoricalColumn>);

const TABLE = v.strictObject({
  kind: v.literal("table"),
  columns: several(v.variant("kind", [NUMERIC, CATEGORICAL])),
  dropped: v.array(v.strictObject({ name: v.string(), why: v.string() })),
  label: v.nullable(v.strictObject({ name: v.string(), classes: several(v.string()) })),
  markers: v.optional(v.array(v.string())),
} satisfies Entries<TablePreprocessing>);

const IMAGE = v.strictObject({
  kind: v.literal("image"),
  scaling: v.picklist(SCALINGS),
  max: positive(),
  source: v.nullable(v.strictTuple([whole(1), whole(1), whole(1)])),
} satisfies Entries<ImagePreprocessing>);

export const PREPROCESSING: Schema<Preprocessing> = v.variant("kind", [
  v.strictObject({ kind: v.literal("none") }),
  IMAGE,
  TABLE,
]);
