/**
 * What an exported model says of itself: text by key in the file (`metadata_props`), which onnxruntime for Python shows as
 * `get_modelmeta().custom_metadata_map`. ONNX Runtime for JavaScript does not show it; {@link readMetadata} reads it from the
 * file's bytes. Free of Node.
 */
import protobuf from "protobufjs/minimal.js";
import * as v from "valibot";
import type { NumberStyle } from "../data/fields.js";
import type { Preprocessing, TableColumn } from "../data/index.js";
import { STYLE } from "../data/preprocessing-schema.js";
import { checked, type Entries, finite, positive, type Schema, several } from "../files/read-back.js";
import { ExportError } from "./error.js";

/** How to fill the model's input (of a generator: how to read its output). */
export type PublishedValues =
  | { readonly kind: "values" }
  /** Pixels from 0 to `max`, channels first. */
  | { readonly kind: "image"; readonly max: number }
  | PublishedTable;

export interface PublishedTable {
  readonly kind: "table";
  /** In the order of the model's features. */
  readonly columns: readonly PublishedColumn[];
  /** The model's inputs, or the generator's outputs: at most one for each kind of column. */
  readonly tensors: readonly ColumnTensor[];
  /** Texts that stand for missing values, beyond those that always do. */
  readonly markers?: readonly string[] | undefined;
}

export interface PublishedColumn {
  readonly name: string;
  readonly kind: TableColumn["kind"];
  /** Of a column of categories: what it can say. Any other text is a level not seen in training. */
  readonly levels?: readonly string[];
  /** Of a column of numbers: how text has them, where it is not plain. The model takes the numbers alone. */
  readonly style?: NumberStyle | undefined;
}

/** A tensor `[batch, columns]`: numbers, NaN where one is missing; or levels as text, empty where one is missing. */
export interface ColumnTensor {
  readonly name: string;
  readonly dtype: "float64" | "string";
  /** Names, in the order in which the tensor has them. */
  readonly columns: readonly string[];
}

export interface ModelMetadata {
  readonly part: "model" | "generator";
  /** Version of this package that wrote the model. */
  readonly vera: string;
  readonly dataset: string;
  /** Of the data set that it was trained on. */
  readonly fingerprint: string;
  /** Names by index in `logits` and `probabilities`; null for a model without classes. */
  readonly classes: readonly string[] | null;
  readonly values: PublishedValues;
  /** Probabilities are softmax(logits / temperature). */
  readonly temperature: number;
  /** Inputs with a log-density below it are out of distribution; null where none was fitted. */
  readonly oodThreshold: number | null;
}

const ENTRIES = {
  part: v.picklist(["model", "generator"]),
  vera: v.string(),
  dataset: v.string(),
  fingerprint: v.string(),
  classes: v.nullable(several(v.string())),
  values: v.variant("kind", [
    v.object({ kind: v.literal("values") }),
    v.object({ kind: v.literal("image"), max: positive() }),
    v.object({
      kind: v.literal("table"),
      columns: several(
        v.object({
          name: v.string(),
          kind: v.picklist(["numeric", "categorical"]),
          levels: v.exactOptional(several(v.string())),
          style: v.optional(STYLE),
        } satisfies Entries<PublishedColumn>),
      ),
      tensors: several(
        v.object({
          name: v.string(),
          dtype: v.picklist(["float64", "string"]),
          columns: several(v.string()),
        } satisfies Entries<ColumnTensor>),
      ),
      markers: v.optional(v.array(v.string())),
    } satisfies Entries<PublishedTable>),
  ]),
  temperature: positive(),
  oodThreshold: v.nullable(finite()),
} satisfies Entries<ModelMetadata>;

const METADATA: Schema<ModelMetadata> = v.object(ENTRIES);
const KEYS = Object.keys(ENTRIES) as (keyof ModelMetadata)[];

export function publishedValues(preprocessing: Preprocessing): PublishedValues {
  switch (preprocessing.kind) {
    case "none":
      return { kind: "values" };
    case "image":
      return { kind: "image", max: preprocessing.max };
    case "table":
      return {
        kind: "table",
        columns: preprocessing.columns.map(({ name, ...c }) =>
          c.kind === "categorical"
            ? { name, kind: c.kind, levels: c.levels }
            : { name, kind: c.kind, ...(c.style !== undefined && { style: c.style }) },
        ),
        tensors: columnTensors(preprocessing.columns),
        ...(preprocessing.markers !== undefined && { markers: preprocessing.markers }),
      };
  }
}

/** A table of numbers is one tensor `x`, as all other inputs are; with categories, which are text, there is one of either type. */
export function columnTensors(columns: readonly TableColumn[]): ColumnTensor[] {
  const of = (kind: TableColumn["kind"]) => columns.filter((c) => c.kind === kind).map((c) => c.name);
  const [numeric, categorical] = [of("numeric"), of("categorical")];
  if (categorical.length === 0) return [{ name: "x", dtype: "float64", columns: numeric }];
  const categories: ColumnTensor = { name: "categories", dtype: "string", columns: categorical };
  return numeric.length === 0 ? [categories] : [{ name: "numbers", dtype: "float64", columns: numeric }, categories];
}

/** The entries of the file: every value is JSON. */
export const metadataEntries = (metadata: ModelMetadata): Record<string, string> =>
  Object.fromEntries(KEYS.map((key) => [key, JSON.stringify(metadata[key])]));

/**
 * Reads what a model that `vera export` wrote says of itself.
 * @param model the bytes of the `.onnx` file.
 * @throws ExportError where it is another file, or says what cannot be.
 */
export function readMetadata(model: Uint8Array): ModelMetadata {
  let content: unknown;
  try {
    const entries = metadataProps(model);
    content = Object.fromEntries(KEYS.map((key) => [key, JSON.parse(entries.get(key)!)]));
  } catch (cause) {
    throw new ExportError("this is no model that vera has exported", { cause });
  }
  return checked(METADATA, content, (problem) => new ExportError(`the model's metadata: ${problem}; export it again`));
}

/** Field 14 of `ModelProto`: pairs of a key (field 1) and a value (field 2). Everything else is skipped unread. */
function metadataProps(model: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  const r = protobuf.Reader.create(model);
  while (r.pos < r.len) {
    const tag = r.uint32();
    if (tag !== ((14 << 3) | 2)) {
      r.skipType(tag & 7);
      continue;
    }
    const end = r.uint32() + r.pos;
    let [key, value] = ["", ""];
    while (r.pos < end) {
      const field = r.uint32();
      if (field === ((1 << 3) | 2)) key = r.string();
      else if (field === ((2 << 3) | 2)) value = r.string();
      else r.skipType(field & 7);
    }
    found.set(key, value);
  }
  return found;
}
