/** The zip that `torch.save` writes since PyTorch 1.6: `NAME/data.pkl`, and one entry `NAME/data/KEY` for each storage, all stored. */

import { crc32 } from "node:zlib";
import yauzl from "yauzl";
import { reason } from "../../data/error.js";
import { InterchangeError } from "../error.js";

export interface TorchZip {
  readonly pickle: Uint8Array;
  /** A view of the file. @throws InterchangeError where there is no such storage, or its checksum is wrong. */
  storage(key: string): Uint8Array;
}

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/** @throws InterchangeError where it is truncated, corrupt, or not a zip that PyTorch would write. */
export async function openZip(bytes: Uint8Array): Promise<TorchZip> {
  const entries = await directory(bytes);
  const pickleName = [...entries.keys()].find((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (pickleName === undefined)
    throw new InterchangeError("it is a zip without data.pkl: no file of torch.save (a TorchScript archive, perhaps)");
  const root = pickleName.slice(0, -"data.pkl".length);
  const content = (name: string): Uint8Array => {
    const entry = entries.get(root + name);
    if (entry === undefined) throw new InterchangeError(`it has no ${name}: it is incomplete`);
    return stored(bytes, entry);
  };
  if (entries.has(`${root}byteorder`)) {
    const order = new TextDecoder().decode(content("byteorder"));
    if (order !== "little") throw new InterchangeError(`its numbers are ${order}-endian; only little is read`);
  }
  return { pickle: content("data.pkl"), storage: (key) => content(`data/${key}`) };
}

/** The entries by name. */
function directory(bytes: Uint8Array): Promise<Map<string, yauzl.Entry>> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new InterchangeError(`truncated or corrupt zip (${reason(cause)})`, { cause }));
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    yauzl.fromBuffer(buffer, { lazyEntries: true }, (error, zip) => {
      if (error) {
        fail(error);
        return;
      }
      const entries = new Map<string, yauzl.Entry>();
      zip.on("entry", (entry: yauzl.Entry) => {
        entries.set(entry.fileName, entry);
        zip.readEntry();
      });
      zip.on("error", fail);
      zip.on("end", () => resolve(entries));
      zip.readEntry();
    });
  });
}

/** Size of a local header without its name and extra field. */
const LOCAL_HEADER = 30;

/** An entry's content where it lies. PyTorch never compresses, so a zip cannot swell here. */
function stored(bytes: Uint8Array, entry: yauzl.Entry): Uint8Array {
  const { fileName, compressionMethod, uncompressedSize, compressedSize } = entry;
  const refuse = (problem: string): never => {
    throw new InterchangeError(`${fileName} ${problem}`);
  };
  if (compressionMethod !== 0 || uncompressedSize !== compressedSize)
    return refuse("is compressed, as torch.save never does: unpack the zip and pack it again without compression");
  const at = entry.relativeOffsetOfLocalHeader;
  if (at + LOCAL_HEADER > bytes.length) return refuse("begins beyond the end of the file");
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, LOCAL_HEADER);
  const start = at + LOCAL_HEADER + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + uncompressedSize > bytes.length) return refuse("reaches beyond the end of the file");
  const content = bytes.subarray(start, start + uncompressedSize);
  if (crc32(content) !== entry.crc32) return refuse("is corrupt: its checksum does not match");
  return content;
}
