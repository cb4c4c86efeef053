/**
 * Tensors as `torch.save` describes them: a storage, and a window on it by offset, sizes and strides. Nothing is copied until
 * {@link TorchTensor.toArray}; what is copied in all is bounded, since many windows may look at one storage.
 */

import { type Budget, BudgetError } from "../../data/formats/budget.js";
import { halfToNumber } from "../../data/formats/half.js";
import { PickleObject, type PickleValue } from "../../data/formats/pickle-values.js";
import { sizeOf } from "../../graph/index.js";
import { NdArray } from "../../runtime/index.js";
import { InterchangeError } from "../error.js";

type Read = (view: DataView, at: number) => number;

/** Bytes of our own elements. */
const BYTES = { f32: 4, i32: 4, bool: 1 } as const;

/** How the elements of a storage become ours: floats f32, integers i32, booleans themselves. */
interface Element {
  readonly bytes: number;
  readonly as: "f32" | "i32" | "bool";
  readonly read: Read;
}

const int64: Read = (view, at) => {
  const value = view.getBigInt64(at, true);
  if (value !== BigInt.asIntN(32, value)) throw new InterchangeError(`a tensor holds ${value}, beyond 32-bit integers`);
  return Number(value);
};

/** The upper half of a 32-bit float. */
const scratch = new DataView(new ArrayBuffer(4));
const bfloat16: Read = (view, at) => {
  scratch.setUint32(0, view.getUint16(at, true) << 16);
  return scratch.getFloat32(0);
};

const unread =
  (type: string): Read =>
  () => {
    throw new InterchangeError(`a tensor is of torch.${type}, and only real numbers and booleans are read`);
  };

/** By the class of the storage. */
export const STORAGES: Readonly<Record<string, Element>> = {
  FloatStorage: { bytes: 4, as: "f32", read: (view, at) => view.getFloat32(at, true) },
  DoubleStorage: { bytes: 8, as: "f32", read: (view, at) => view.getFloat64(at, true) },
  HalfStorage: { bytes: 2, as: "f32", read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BFloat16Storage: { bytes: 2, as: "f32", read: bfloat16 },
  LongStorage: { bytes: 8, as: "i32", read: int64 },
  IntStorage: { bytes: 4, as: "i32", read: (view, at) => view.getInt32(at, true) },
  ShortStorage: { bytes: 2, as: "i32", read: (view, at) => view.getInt16(at, true) },
  CharStorage: { bytes: 1, as: "i32", read: (view, at) => view.getInt8(at) },
  ByteStorage: { bytes: 1, as: "i32", read: (view, at) => view.getUint8(at) },
  BoolStorage: { bytes: 1, as: "bool", read: (view, at) => Number(view.getUint8(at) !== 0) },
  ComplexFloatStorage: { bytes: 8, as: "f32", read: unread("complex64") },
  ComplexDoubleStorage: { bytes: 16, as: "f32", read: unread("complex128") },
  QInt8Storage: { bytes: 1, as: "i32", read: unread("qint8") },
  QUInt8Storage: { bytes: 1, as: "i32", read: unread("quint8") },
  QInt32Storage: { bytes: 4, as: "i32", read: unread("qint32") },
  // Of types that have no storage of their own, like float8.
  UntypedStorage: { bytes: 1, as: "i32", read: unread("uint8, untyped") },
};

/** Where the bytes of storages are, and what may be copied out of them. */
export interface StorageFile {
  /** @throws InterchangeError where there is none, or it is damaged. */
  bytes(key: string): Uint8Array;
  /** Of the copies. */
  readonly budget: Budget;
}

export class Storage extends PickleObject {
  readonly type = "torch.Storage";

  constructor(
    readonly element: Element,
    readonly key: string,
    /** Number of elements. */
    readonly size: number,
    private readonly file: StorageFile,
    /** Elements of the root storage before this view of it. */
    readonly start = 0,
  ) {
    super();
  }

  /** The bytes of all elements. */
  bytes(): Uint8Array {
    const { bytes: width } = this.element;
    const all = this.file.bytes(this.key);
    const [begin, end] = [this.start * width, (this.start + this.size) * width];
    if (all.length < end)
      throw new InterchangeError(
        `storage ${this.key} should have ${end} bytes and has ${all.length}: the file is damaged`,
      );
    return all.subarray(begin, end);
  }

  /**
   * Notes that so many elements are copied.
   * @throws InterchangeError where the tensors together are larger than the file may hold.
   */
  spend(elements: number): void {
    try {
      this.file.budget.spend(elements * Math.max(this.element.bytes, BYTES[this.element.as]));
    } catch (cause) {
      if (!(cause instanceof BudgetError)) throw cause;
      throw new InterchangeError(`its tensors overlap so much that they exceed the file: ${cause.message}`, { cause });
    }
  }
}

export class TorchTensor extends PickleObject {
  readonly type = "torch.Tensor";

  /** @throws InterchangeError where the window is not within the storage. */
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
    const valid = [offset, ...shape, ...strides].every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!valid || shape.length !== strides.length || shape.length > 16)
      throw new InterchangeError(`a tensor with sizes ${shape} and strides ${strides} at ${offset} cannot be`);
    const last = shape.reduce((at, size, i) => at + (size - 1) * strides[i]!, offset);
    if (!shape.includes(0) && !(last < storage.size))
      throw new InterchangeError(
        `a tensor of shape [${shape}] reaches beyond its storage of ${storage.size} elements: the file is damaged`,
      );
  }

  /** A copy, row-major: f32, i32 or bool. @throws InterchangeError where the bytes are missing or integers too large. */
  toArray(): NdArray {
    const { element } = this.storage;
    const size = sizeOf(this.shape);
    this.storage.spend(size);
    const bytes = this.storage.bytes();
    if (element === STORAGES.FloatStorage && this.isContiguous()) {
      const begin = 4 * this.offset;
      return new NdArray(new Float32Array(new Uint8Array(bytes.subarray(begin, begin + 4 * size)).buffer), this.shape);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = new { f32: Float32Array, i32: Int32Array, bool: Uint8Array }[element.as](size);
    const index = this.shape.map(() => 0);
    let at = this.offset;
    for (let i = 0; i < size; i++) {
      data[i] = element.read(view, at * element.bytes);
      for (let axis = index.length - 1; axis >= 0; axis--) {
        at += this.strides[axis]!;
        if (++index[axis]! < this.shape[axis]!) break;
        at -= this.shape[axis]! * this.strides[axis]!;
        index[axis] = 0;
      }
    }
    return new NdArray(data, this.shape);
  }

  private isContiguous(): boolean {
    let stride = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      if (this.shape[axis]! > 1 && this.strides[axis] !== stride) return false;
      stride *= this.shape[axis]!;
    }
    return true;
  }
}

/** A number, or the only element of a tensor; undefined for anything else. */
export function numberOf(value: PickleValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  return value instanceof TorchTensor && sizeOf(value.shape) === 1 ? value.toArray().data[0] : undefined;
}
