/**
 * Reading and writing safetensors files, https://huggingface.co/docs/safetensors: eight bytes with the length of a JSON
 * header, the header (name → type, shape, byte range), then the elements, little-endian, without gaps or overlaps.
 *
 * A file may come from anywhere, so nothing in it is trusted: every size is checked against the bytes at hand before
 * memory is taken, and the arrays returned are never larger than the file.
 */
import { type Shape, show, sizeOf } from "../graph/shape.js";
import type { DType, TypedArray } from "../graph/tensor.js";
import { NdArray } from "./array.js";

/** The file is damaged, not a safetensors file, or holds what this project cannot represent. */
export class SafetensorsError extends Error {
  override readonly name = "SafetensorsError";
}

/** What a file holds. */
export interface Safetensors {
  readonly tensors: Map<string, NdArray>;
  readonly metadata: Record<string, string>;
}

const METADATA = "__metadata__";
const FORMAT: Readonly<Record<DType, string>> = { f32: "F32", i32: "I32", bool: "BOOL" };
const BYTES: Readonly<Record<string, number>> = { F32: 4, I32: 4, I64: 8, BOOL: 1 };

/** A header entry, once checked. */
interface Entry {
  readonly name: string;
  readonly format: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads all tensors of a file, in the order of their data. 64-bit integers become 32-bit ones.
 * @throws SafetensorsError where the file is truncated or inconsistent, or has a type other than F32, I32, I64 (within
 * the range of i32) and BOOL.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = split(bytes);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = checkMetadata(value);
    else entries.push(checkEntry(name, value));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position) {
      throw new SafetensorsError(
        `the data of "${name}" starts at byte ${begin}, but the data before ends at ${position}`,
      );
    }
    position = end;
  }
  if (position !== data.length) {
    throw new SafetensorsError(`the header describes ${position} bytes of data, the file has ${data.length}`);
  }
  return { tensors: new Map(entries.map((e) => [e.name, new NdArray(decode(e, data), e.shape)])), metadata };
}

function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw new SafetensorsError(`a file of ${bytes.length} bytes has no header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw new SafetensorsError(`a header of ${length} bytes does not fit a file of ${bytes.length}`);
  }
  const end = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, end)));
  } catch (cause) {
    throw new SafetensorsError("the header is not JSON", { cause });
  }
  if (!isRecord(header)) throw new SafetensorsError("the header is not a JSON object");
  return { header, data: bytes.subarray(end) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);

function checkMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((v) => typeof v === "string")) {
    throw new SafetensorsError("the metadata is not an object of strings");
  }
  return value as Record<string, string>;
}

function checkEntry(name: string, value: unknown): Entry {
  const refuse = (problem: string): never => {
    throw new SafetensorsError(`tensor "${name}" ${problem}`);
  };
  if (!isRecord(value)) return refuse("is not described by an object");
  const { dtype: format, shape, data_offsets: offsets } = value;
  if (typeof format !== "string" || !Object.hasOwn(BYTES, format)) {
    return refuse(`has type ${JSON.stringify(format)}; supported are ${Object.keys(BYTES).join(", ")}`);
  }
  if (!isSizes(shape)) return refuse("has no valid shape");
  if (!isSizes(offsets) || offsets.length !== 2) return refuse("has no valid data_offsets");
  const [begin, end] = offsets as [number, number];
  if (sizeOf(shape) * BYTES[format]! !== end - begin) {
    return refuse(`of shape ${show(shape)} and type ${format} does not fill bytes ${begin} to ${end}`);
  }
  return { name, format, shape, begin, end };
}

/** Copies an entry's elements: they need not be aligned in the file. Its range has been checked. */
function decode({ name, format, begin, end }: Entry, data: Uint8Array): TypedArray {
  const bytes = new Uint8Array(data.subarray(begin, end)); // not slice: a Node Buffer's slice shares its memory
  if (format === "F32") return new Float32Array(bytes.buffer);
  if (format === "I32") return new Int32Array(bytes.buffer);
  if (format === "BOOL") {
    if (bytes.some((b) => b > 1)) throw new SafetensorsError(`tensor "${name}" has booleans other than 0 and 1`);
    return bytes;
  }
  return Int32Array.from(new BigInt64Array(bytes.buffer), (v) => {
    if (v !== BigInt.asIntN(32, v)) throw new SafetensorsError(`tensor "${name}" holds ${v}, beyond 32-bit integers`);
    return Number(v);
  });
}

/**
 * The content of a file with these tensors, in the given order, and optional metadata: in parts, of which the tensors' are views of
 * their elements, so that nothing is copied.
 * @throws SafetensorsError where two tensors have one name, or one has the name kept for the metadata.
 */
export function safetensorsParts(
  tensors: Iterable<readonly [string, NdArray]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const list = [...tensors];
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set(METADATA, metadata);
  let position = 0;
  for (const [name, { data, shape, dtype }] of list) {
    if (header.has(name) || name === METADATA) throw new SafetensorsError(`the name "${name}" is taken`);
    header.set(name, { dtype: FORMAT[dtype], shape, data_offsets: [position, position + data.byteLength] });
    position += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = Math.ceil((8 + json.length) / 8) * 8; // elements aligned, as the format's own writer has them
  const head = new Uint8Array(start).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.set(json, 8);
  return [head, ...list.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/** The same in one piece. @throws SafetensorsError */
export function writeSafetensors(...content: Parameters<typeof safetensorsParts>): Uint8Array {
  const parts = safetensorsParts(...content);
  const out = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
