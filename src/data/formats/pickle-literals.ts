/**
 * Instructions of pickles that push a plain value. What is read where it stands costs its frame alone, however long it is: every byte of
 * the file is read once.
 */
import type { Budget } from "./budget.js";
import { type ByteSource, utf8 } from "./pickle-bytes.js";
import { COST, type PickleValue } from "./pickle-values.js";

/** The value that an instruction pushes; undefined for an instruction of another kind. */
export function literal(op: string, source: ByteSource, budget: Budget): PickleValue | undefined {
  const framed = <T>(value: T): T => {
    budget.spend(COST.view);
    return value;
  };
  const bytes = (length: number) => framed(source.take(length));
  const text = (length: number) => framed(utf8(source.take(length)));
  switch (op) {
    case "N":
      return null;
    case "\x88":
      return true;
    case "\x89":
      return false;
    case "K":
      return source.uint8();
    case "M":
      return source.uint16();
    case "J":
      return source.int32();
    case "I":
      return source.integer();
    case "L":
      return source.decimal();
    case "\x8a": // LONG1
      return source.long(source.uint8());
    case "\x8b": // LONG4
      return framed(source.long(source.uint32()));
    case "F":
      return source.decimalFloat();
    case "G":
      return source.float64();
    case "S": // STRING: bytes of Python 2
      return framed(source.quoted());
    case "U": // SHORT_BINSTRING, and T BINSTRING: the same
    case "C": // SHORT_BINBYTES
      return bytes(source.uint8());
    case "T":
    case "B": // BINBYTES
      return bytes(source.uint32());
    case "\x8e": // BINBYTES8
    case "\x96": // BYTEARRAY8
      return bytes(source.uint64());
    case "V": // UNICODE
      return framed(source.escaped());
    case "\x8c": // SHORT_BINUNICODE
      return text(source.uint8());
    case "X": // BINUNICODE
      return text(source.uint32());
    case "\x8d": // BINUNICODE8
      return text(source.uint64());
    default:
      return undefined;
  }
}
