/**
 * Tensors as `torch.save` describes them: a storage, and a window on it by offset, sizes and strides. Nothing is copied until
 * {@link TorchTensor.toArray}; what is copied in all is bounded, since many windows may look at one storage.
 */

import { PickleObject } from "../../data/formats/pickle-machine.js";
import { sizeOf } from "../../graph/index.js";
import { NdArray } from "../../runtime/index.js";
import { InterchangeError } from "../error.js";

type Read = (view: DataView, at: number) => number;

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

/** IEEE 754 half precision: 1 bit sign, 5 exponent, 10 fraction. */
const float16: Read = (view, at) => {
  const bits = view.getUint16(at, true);
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const magnitude =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 === 0 ? magnitude : -magnitude;
};

/** The upper half of a 32-bit float. */
const scratch = new DataView(new ArrayBuffer(4));
const bfloat16: Read = (view, at) => {
  scratch.setUint32(0, view.getUint16(at, true) << 16);
  return scratch.getFloat32(0);
};

/** By the class of the storage. */
export const STORAGES: Readonly<Record<string, Element>> = {
  FloatStorage: { bytes: 4, as: "f32", read: (view, at) => view.getFloat32(at, true) },
  DoubleStorage: { bytes: 8, as: "f32", read: (view, at) => view.getFloat64(at, true) },
  HalfStorage: { bytes: 2, as: "f32", read: float16 },
  BFloat16Storage: { bytes: 2, as: "f32", read: bfloat16 },
  LongStorage: { bytes: 8, as: "i32", read: int64 },
  IntStorage: { bytes: 4, as: "i32", read: (view, at) => view.getInt32(at, true) },
  ShortStorage: { bytes: 2, as: "i32", read: (view, at) => view.getInt16(at, true) },
  CharStorage: { bytes: 1, as: "i32", read: (view, at) => view.getInt8(at) },
  ByteStorage: { bytes: 1, as: "i32", read: (view, at) => view.getUint8(at) },
  BoolStorage: { bytes: 1, as: "bool", read: (view, at) => Number(view.getUint8(at) !== 0) },
};

/** Where the bytes of storages are, and how many may still be copied out of them. */
export interface StorageFile {
  /** @throws InterchangeError where there is none, or it is damaged. */
  bytes(key: string): Uint8Array;
  /** Bytes left to copy. */
  budget: number;
}

export class Storage extends PickleObject {
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

  /** Notes that so many elements are copied. @throws InterchangeError where the tensors together exceed the file by far. */
  spend(elements: number): void {
    this.file.budget -= elements * this.element.bytes;
    if (this.file.budget < 0)
      throw new InterchangeError("refused: its tensors overlap so much that they exceed the file several times over");
  }
}

export class TorchTensor extends PickleObject {
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
