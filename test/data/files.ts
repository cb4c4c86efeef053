/** Small files in the real formats, written from their specifications. */
import { mkdtempSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32, deflateRawSync, deflateSync } from "node:zlib";
import { expect } from "vitest";
import { DataError } from "../../src/data/error.js";

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "vera-data-"));

export async function put(folder: string, name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Expects a DataError whose message matches. */
export async function expectDataError(action: () => unknown, message: RegExp): Promise<void> {
  let thrown: unknown = null;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DataError);
  expect((thrown as Error).message).toMatch(message);
}

/** Damaged input must be refused as a DataError or read without complaint, and never fail in another way. */
export async function refusedOrRead(action: () => unknown): Promise<"refused" | "read"> {
  try {
    await action();
    return "read";
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return "refused";
  }
}

/** Bytes that look random and are not: 7 i + salt modulo 256. */
export const pattern = (n: number, salt = 0): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (7 * i + salt) % 256);

/** @param type number of the elements' type. */
export function idx(shape: readonly number[], data: Uint8Array, type = 8): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.writeUInt32BE((type << 8) | shape.length);
  shape.forEach((d, i) => {
    head.writeUInt32BE(d, 4 + 4 * i);
  });
  return Buffer.concat([head, data]);
}

/** Records of CIFAR's binary version. */
export const cifarRecords = (labels: readonly (readonly number[])[], salt = 0): Buffer =>
  Buffer.concat(labels.flatMap((l, i) => [Uint8Array.from(l), pattern(3072, i + salt)]));

const ascii = (text: string): Buffer => Buffer.from(text, "latin1");
const uint32 = (n: number): Buffer => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n);
  return b;
};

/** A batch as Python 2's cPickle wrote the published ones: protocol 2, strings as bytes. */
export function cifarPickle(key: string, labels: readonly number[], data: Uint8Array): Buffer {
  const short = (text: string) => Buffer.concat([ascii("U"), Buffer.from([text.length]), ascii(text)]);
  return Buffer.concat([
    ascii("\x80\x02}q\x01("),
    short("batch_label"),
    ascii("q\x02"),
    short("training batch 1 of 5"),
    ascii("q\x03"),
    short(key),
    ascii("q\x04]q\x05("),
    ...labels.map((l) => Buffer.from([0x4b, l])),
    ascii("e"),
    short("data"),
    ascii(
      "q\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85q\tU\x01bq\n\x87q\x0bRq\x0c(K\x01J",
    ),
    uint32(labels.length),
    ascii(
      "M\x00\x0c\x86q\rcnumpy\ndtype\nq\x0eU\x02u1q\x0fK\x00K\x01\x87q\x10Rq\x11(K\x03U\x01|q\x12NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x13b\x89T",
    ),
    uint32(data.length),
    data,
    ascii("q\x14tq\x15bu."),
  ]);
}

export interface MatSource {
  readonly name: string;
  readonly shape: readonly number[];
  /** The stored elements. */
  readonly data: Uint8Array;
  /** Number of the array's class. Default 9: uint8. */
  readonly kind?: number;
  /** Number of the stored elements' type. Default 2: uint8. */
  readonly type?: number;
}

/** A MAT-file of level 5. */
export function mat5(arrays: readonly MatSource[], compressed: boolean): Buffer {
  const element = (type: number, data: Uint8Array) => {
    const padding = Buffer.alloc((8 - (data.length % 8)) % 8);
    return Buffer.concat([uint32(type), uint32(data.length), data, padding]);
  };
  // Up to four bytes are packed into the tag, as MATLAB does.
  const packed = (type: number, data: Uint8Array) =>
    data.length > 4
      ? element(type, data)
      : Buffer.concat([uint32((data.length << 16) | type), data, Buffer.alloc(4 - data.length)]);
  const matrices = arrays.map(({ name, shape, data, kind = 9, type = 2 }) => {
    const content = Buffer.concat([
      element(6, Buffer.concat([uint32(kind), uint32(0)])),
      element(5, Buffer.concat(shape.map(uint32))),
      packed(1, ascii(name)),
      packed(type, data),
    ]);
    const matrix = element(14, content);
    if (!compressed) return matrix;
    const deflated = deflateSync(matrix);
    return Buffer.concat([uint32(15), uint32(deflated.length), deflated]);
  });
  const header = Buffer.alloc(128, " ");
  header.write("MATLAB 5.0 MAT-file, written by a test");
  header.writeUInt16LE(0x0100, 124);
  header.write("IM", 126, "latin1");
  return Buffer.concat([header, ...matrices]);
}

/** A tar archive (POSIX ustar) of regular files. */
export function tar(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, data]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${data.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        0", 148);
    header.write("ustar\x0000", 257, "latin1");
    const sum = header.reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A zip archive of deflated files. */
export function zip(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const deflated = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(deflated.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([uint32(0x04034b50), common, ascii(name), deflated]);
    const record = Buffer.alloc(14);
    record.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([uint32(0x02014b50), Buffer.from([20, 0]), common, record, ascii(name)]));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central.length, 4);
  end.writeUInt16LE(central.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, uint32(0x06054b50), end]);
}
