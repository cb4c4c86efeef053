/** A reader of pickles that can only build data: dictionaries, lists, numbers, strings and NumPy arrays of bytes. */
import { sizeOf } from "../../graph/shape.js";
import { DataError, reason } from "../error.js";
import { ByteSource } from "./pickle-bytes.js";
import { PickleGlobal, PickleObject, type PickleValue, runPickle } from "./pickle-machine.js";
import { DType, NUMPY_GLOBALS } from "./pickle-numpy.js";

/** An array of unsigned bytes, row-major. */
export interface PickledArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export type Pickled = null | boolean | number | string | Uint8Array | PickledArray | Pickled[] | Map<string, Pickled>;

/** @throws DataError where the file is truncated, corrupt, or would need a function that is not known to be harmless. */
export function unpickle(bytes: Uint8Array, file: string): Pickled {
  const globals = arrayGlobals(file);
  const global = (module: string, name: string): PickleGlobal => {
    const known = globals.get(`${module}.${name}`);
    if (known !== undefined) return known;
    throw new DataError(
      file,
      `refused: this pickle wants to call ${module}.${name}, and only NumPy arrays are read`,
      "do not open it with Python either unless you trust where it came from",
    );
  };
  try {
    const value = runPickle(new ByteSource(bytes), { global });
    if (value instanceof PickleGlobal || value instanceof DType) throw new Error("the pickle holds no data");
    return value as Pickled;
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(file, `corrupt or truncated pickle (${reason(cause)})`, "fetch the file again", { cause });
  }
}

/** The functions with which NumPy rebuilds an array. */
function arrayGlobals(file: string): ReadonlyMap<string, PickleGlobal> {
  const reconstruct = () => new NumpyArray(file);
  // Protocol 5: (bytes, type, shape, order).
  const fromBuffer = ([content, dtype, shape, order]: readonly PickleValue[]) =>
    new NumpyArray(file).fill(shape, dtype, order !== "C", content);
  const ndarray = new PickleGlobal("numpy.ndarray", () => {
    throw new Error("a call of numpy.ndarray");
  });
  const own = ["numpy.core", "numpy._core"].flatMap((core) => [
    new PickleGlobal(`${core}.multiarray._reconstruct`, reconstruct),
    new PickleGlobal(`${core}.numeric._frombuffer`, fromBuffer),
  ]);
  return new Map([...NUMPY_GLOBALS, ...[ndarray, ...own].map((global) => [global.name, global] as const)]);
}

class NumpyArray extends PickleObject implements PickledArray {
  shape: readonly number[] = [];
  data: Uint8Array = new Uint8Array(0);

  constructor(private readonly file: string) {
    super();
  }

  /** (version, shape, type, is it column-major, bytes). */
  override setState(state: PickleValue): void {
    if (!Array.isArray(state)) throw new Error("an array without its parts");
    const [, shape, dtype, columnMajor, content] = state;
    this.fill(shape, dtype, columnMajor !== false, content);
  }

  fill(
    shape: PickleValue | undefined,
    dtype: PickleValue | undefined,
    columnMajor: boolean,
    content: PickleValue | undefined,
  ): this {
    if (!(dtype instanceof DType) || !/^[|<>=]?u1$/.test(dtype.name)) {
      const found = dtype instanceof DType ? dtype.name : "no type";
      throw new DataError(this.file, `an array of bytes (u1) was expected, found ${found}`);
    }
    if (columnMajor || !Array.isArray(shape)) throw new Error("a column-major array");
    const dims = shape.map(Number);
    if (!(content instanceof Uint8Array) || content.length !== sizeOf(dims))
      throw new Error(`an array of shape ${dims} does not have its ${sizeOf(dims)} bytes`);
    this.shape = dims;
    this.data = content;
    return this;
  }
}
