/** Arrays of an `.npz` file: a zip of NumPy's `.npy`. */
import { promisify } from "node:util";
import yauzl from "yauzl";

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly values: Float64Array;
}

const open = promisify(yauzl.open) as (path: string, options: yauzl.Options) => Promise<yauzl.ZipFile>;

/** All arrays of the file by name; vectors are matrices of one column. @throws Error where a type is none of numbers. */
export async function readNpz(path: string): Promise<Map<string, Matrix>> {
  const zip = await open(path, { lazyEntries: true });
  const arrays = new Map<string, Matrix>();
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", (entry: yauzl.Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        const parts: Buffer[] = [];
        stream.on("data", (part: Buffer) => parts.push(part));
        stream.on("error", reject);
        stream.on("end", () => {
          try {
            arrays.set(entry.fileName.replace(/\.npy$/, ""), parse(Buffer.concat(parts)));
            zip.readEntry();
          } catch (cause) {
            reject(cause as Error);
          }
        });
      });
    });
    zip.on("end", resolve);
    zip.on("error", reject);
    zip.readEntry();
  });
  return arrays;
}

const READERS: Readonly<Record<string, readonly [bytes: number, read: (b: Buffer, at: number) => number]>> = {
  f8: [8, (b, at) => b.readDoubleLE(at)],
  f4: [4, (b, at) => b.readFloatLE(at)],
  i8: [8, (b, at) => Number(b.readBigInt64LE(at))],
  i4: [4, (b, at) => b.readInt32LE(at)],
  i2: [2, (b, at) => b.readInt16LE(at)],
  i1: [1, (b, at) => b.readInt8(at)],
  u8: [8, (b, at) => Number(b.readBigUInt64LE(at))],
  u4: [4, (b, at) => b.readUInt32LE(at)],
  u2: [2, (b, at) => b.readUInt16LE(at)],
  u1: [1, (b, at) => b.readUInt8(at)],
  b1: [1, (b, at) => b.readUInt8(at)],
};

/** numpy.lib.format, versions 1 to 3. */
function parse(file: Buffer): Matrix {
  const long = file[6]! > 1;
  const length = long ? file.readUInt32LE(8) : file.readUInt16LE(8);
  const start = long ? 12 : 10;
  const header = file.toString("latin1", start, start + length);
  const type = /'descr':\s*'[<|=]([a-z]\d+)'/.exec(header)?.[1] ?? "";
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const reader = READERS[type];
  if (reader === undefined || shape.length === 0 || shape.length > 2) throw new Error(`cannot read ${header}`);
  const [rows, columns] = [shape[0]!, shape[1] ?? 1];
  const fortran = /'fortran_order':\s*True/.test(header);
  const [bytes, read] = reader;
  const values = new Float64Array(rows * columns);
  for (let k = 0, at = start + length; k < values.length; k++, at += bytes) {
    const to = fortran ? (k % rows) * columns + Math.floor(k / rows) : k;
    values[to] = read(file, at);
  }
  return { rows, columns, values };
}
