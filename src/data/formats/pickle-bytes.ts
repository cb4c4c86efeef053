/** The bytes of a pickle, and the arguments that its instructions take from them. Reading past the end is an error. */

export const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export class ByteSource {
  at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next n bytes: a view of the file, not a copy. */
  take(n: number): Uint8Array {
    const start = this.advance(n);
    return this.bytes.subarray(start, start + n);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  /** Big-endian, unlike the rest. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** A signed integer of n bytes. */
  long(n: number): number {
    if (n > 6) throw new Error("a number of more than 48 bits");
    let value = 0;
    const digits = this.take(n);
    for (let i = n - 1; i >= 0; i--) value = value * 256 + digits[i]!;
    return n > 0 && digits[n - 1]! >= 128 ? value - 256 ** n : value;
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end === -1) throw new Error("the file ends within a line");
    const line = utf8(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return line;
  }

  /** An integer as text, on a line of its own. */
  decimal(): number {
    const value = Number(this.line().replace(/L$/, ""));
    if (!Number.isFinite(value)) throw new Error("no number");
    return value;
  }

  private advance(n: number): number {
    const start = this.at;
    if (start + n > this.bytes.length) throw new Error(`the file ends at byte ${this.bytes.length}`);
    this.at += n;
    return start;
  }
}
