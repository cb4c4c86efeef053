/**
 * Writing files for `torch.load(…, weights_only=True)`: the zip of PyTorch 1.6 and later, uncompressed, each storage aligned to 64
 * bytes as PyTorch's writer does, so that it can be mapped into memory. (The `weights_only` of 1.13 knows no numbers but whole ones,
 * and refuses a learning rate from anyone, `torch.save` too; 2.0 and later take it.)
 */
import { crc32 } from "node:zlib";
import { InterchangeError } from "../error.js";
import { type PyValue, writePickle } from "./pickle-writer.js";

const ALIGNMENT = 64;
/** Without the extensions for large archives, which no model here needs. */
const MAX_SIZE = 2 ** 32 - 1;
/** The version of the archive's form: `version` in it. */
const VERSION = "3\n";

/** @throws InterchangeError above 4 GiB. */
export function writeTorch(value: PyValue): Uint8Array {
  const { pickle, storages } = writePickle(value);
  const text = new TextEncoder();
  return zip([
    ["archive/data.pkl", pickle],
    ["archive/byteorder", text.encode("little")],
    ...storages.map(({ data }, i): [string, Uint8Array] => [
      `archive/data/${i}`,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]),
    ["archive/version", text.encode(VERSION)],
  ]);
}

/** Fields of a zip's records: their bytes, and their value. */
type Field = readonly [bytes: 2 | 4, value: number];

function record(fields: readonly Field[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((total, [bytes]) => total + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/** 1980-01-01: what a zip that should not depend on the time says. */
const DATE = 0x21;

/** An archive of stored entries. */
function zip(entries: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const push = (chunk: Uint8Array) => {
    chunks.push(chunk);
    at += chunk.length;
  };
  for (const [entryName, content] of entries) {
    const name = new TextEncoder().encode(entryName);
    const start = at;
    // The padding is an extra field of its own: identifier "FB", as PyTorch's, and the number of bytes that follow.
    const unpadded = start + 30 + name.length + 4;
    const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
    const facts: Field[] = [
      [2, 20], // version needed
      [2, 0], // flags
      [2, 0], // stored
      [2, 0], // time
      [2, DATE],
      [4, crc32(content)],
      [4, content.length],
      [4, content.length],
      [2, name.length],
    ];
    push(record([[4, 0x04034b50], ...facts, [2, 4 + padding]]));
    push(name);
    push(
      record([
        [2, 0x4246],
        [2, padding],
      ]),
    );
    push(new Uint8Array(padding));
    push(content);
    const place: Field[] = [
      [2, 0], // extra field
      [2, 0], // comment
      [2, 0], // disk
      [2, 0], // internal attributes
      [4, 0], // external attributes
      [4, start],
    ];
    directory.push(record([[4, 0x02014b50], [2, 20], ...facts, ...place]), name);
    if (at > MAX_SIZE)
      throw new InterchangeError("the model is larger than the 4 GiB that a checkpoint written here can hold");
  }
  const start = at;
  for (const chunk of directory) push(chunk);
  push(
    record([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, entries.length],
      [2, entries.length],
      [4, at - start],
      [4, start],
      [2, 0],
    ]),
  );
  return Buffer.concat(chunks);
}
