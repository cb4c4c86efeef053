/** What requests about models say, checked. */
import * as v from "valibot";
import { checked, type Entries, finite, type Schema, whole } from "../../files/read-back.js";
import type { AskedPixels, AskedRow, AskedUpload, ColumnsRequest, Sort } from "../ask-api.js";
import { RequestError } from "../errors.js";
import type { PlaneChoice } from "../landscape/landscape.js";

export const SORTS = ["surprise", "place", "class", "probability", "logDensity"] as const satisfies readonly Sort[];

const NAMES = v.array(v.string());

export const ROW: Schema<AskedRow> = v.object({
  fields: v.record(v.string(), v.string()),
} satisfies Entries<AskedRow>);

export const PIXELS: Schema<AskedPixels> = v.object({ pixels: v.array(finite()) } satisfies Entries<AskedPixels>);

export const UPLOAD: Schema<AskedUpload> = v.object({ upload: v.string() } satisfies Entries<AskedUpload>);

export const COLUMNS: Schema<ColumnsRequest> = v.object({
  table: v.string(),
  label: v.nullable(v.string()),
  ignore: NAMES,
  categorical: NAMES,
  numeric: NAMES,
} satisfies Entries<ColumnsRequest>);

const THREE: Schema<[number, number, number]> = v.tuple([whole(), whole(), whole()]);

/** @throws RequestError */
export const bodyOf = <T>(schema: Schema<T>, body: unknown): T =>
  checked(schema, body, (problem) => new RequestError(400, `the request is not as it should be: ${problem}`));

/** `principal`, or three places as `3,17,255`. @throws RequestError */
export const planeOf = (text: string): PlaneChoice =>
  text === "principal" ? text : bodyOf(THREE, text.split(",").map(Number));
