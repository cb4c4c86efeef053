/** The bytes of a pickle, and the arguments that its instructions take from them. Reading past the end is an error. */

export const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** An integer: a number where it is exact. */
export const plain = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** Python itself refuses to read more digits than this. */
const DIGITS = 4300;

function decimal(digits: string): number | bigint {
  if (!/^[-+]?\d+$/.test(digits)) throw new Error("no number");
  if (digits.length > DIGITS) throw new Error(`a number of ${digits.length} digits; ${DIGITS} are read, as by Python`);
  return plain(BigInt(digits.replace("+", "")));
}

const NAMED_FLOATS = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);
const ESCAPES = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

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

  /** A signed integer of n bytes; a bigint where it has more than 53 bits. */
  long(n: number): number | bigint {
    const digits = Buffer.from(this.take(n)).reverse().toString("hex");
    return n === 0 ? 0 : plain(BigInt.asIntN(8 * n, BigInt(`0x${digits}`)));
  }

  /** Text on a line of its own. */
  line(): string {
    return utf8(this.lineBytes());
  }

  /** The number of something remembered, as text on a line of its own. */
  index(): number {
    return Number(this.line());
  }

  /** An integer on a line of its own, where protocols 0 and 1 write booleans, too. */
  integer(): boolean | number | bigint {
    const line = this.line();
    return line === "00" ? false : line === "01" ? true : decimal(line);
  }

  /** The same, which may end in L. */
  decimal(): number | bigint {
    return decimal(this.line().replace(/L$/, ""));
  }

  decimalFloat(): number {
    const line = this.line();
    const named = NAMED_FLOATS.get(line);
    if (named !== undefined) return named;
    if (!/^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(line) || Number.isNaN(Number(line))) throw new Error("no number");
    return Number(line);
  }

  /** Bytes on a line of their own, quoted and escaped as Python 2 writes its strings. */
  quoted(): Uint8Array {
    const line = this.line().trim();
    if (!/^(['"]).*\1$/.test(line) || line.length < 2) throw new Error("a string without quotes");
    const plainText = line.slice(1, -1).replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gi, (_, code: string) => {
      if (code[0] === "x" && code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 255);
      return ESCAPES.get(code) ?? code;
    });
    return Buffer.from(plainText, "latin1");
  }

  /** Text on a line of its own: Latin-1, other characters escaped. */
  escaped(): string {
    const line = Buffer.from(this.lineBytes()).toString("latin1");
    return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
      const point = Number.parseInt(short ?? long ?? "", 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    });
  }

  private lineBytes(): Uint8Array {
    const end = this.bytes.indexOf(10, this.at);
    if (end === -1) throw new Error("the file ends within a line");
    const line = this.bytes.subarray(this.at, end);
    this.at = end + 1;
    return line;
  }

  private advance(n: number): number {
    const start = this.at;
    if (start + n > this.bytes.length) throw new Error(`the file ends at byte ${this.bytes.length}`);
    this.at += n;
    return start;
  }
}
