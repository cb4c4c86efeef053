/** Arrays of an `.npz` file: a zip of NumPy's `.npy`. */
import { promisify } from "node:util";
import yauzl from "yauzl";
import { type NpyArray, parseNpy } from "../../src/data/formats/npy.js";

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
            arrays.set(
              entry.fileName.replace(/\.npy$/, ""),
              matrix(parseNpy(Buffer.concat(parts), `${path} › ${entry.fileName}`)),
            );
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

/** Of vectors one column. */
function matrix({ shape, values }: NpyArray): Matrix {
  if (shape.length === 0 || shape.length > 2) throw new Error(`an array [${shape}] is no matrix`);
  return { rows: shape[0]!, columns: shape[1] ?? 1, values };
}
