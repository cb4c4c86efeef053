/**
 * What an exported model says of itself: text by key in the file (`metadata_props`), which onnxruntime for Python shows as
 * `get_modelmeta().custom_metadata_map`. ONNX Runtime for JavaScript does not show it; {@link readMetadata} reads it from the
 * file's bytes. Free of Node.
 */
import protobuf from "protobufjs/minimal.js";
import * as v from "valibot";
import type { Preprocessing } from "../data/index.js";
import { checked, type Entries, finite, positive, type Schema, several } from "../files/read-back.js";
import { ExportError } from "./error.js";

/** How to fill the model's input (of a generator: how to read its output). */
export type PublishedValues =
  | { readonly kind: "values" }
  /** Pixels from 0 to `max`, channels first. */
  | { readonly kind: "image"; readonly max: number }
  /** One number per column. */
  | { readonly kind: "table"; readonly columns: readonly PublishedColumn[] };

/** A number, NaN where it is missing; or the index of one of `levels`, NaN where it is missing. */
export interface PublishedColumn {
  readonly name: string;
  readonly levels?: readonly string[];
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
        v.object({ name: v.string(), levels: v.exactOptional(several(v.string())) } satisfies Entries<PublishedColumn>),
      ),
    }),
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
        columns: preprocessing.columns.map((c) =>
          c.kind === "numeric" ? { name: c.name } : { name: c.name, levels: c.levels },
        ),
      };
  }
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
