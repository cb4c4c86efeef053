/** What pickles of NumPy's values have in common: element types, and bytes as protocols without bytes write them. */
import { PickleGlobal, PickleObject, type PickleValue, text } from "./pickle-machine.js";

/** A type of elements: `u1`, `f8`, … */
export class DType extends PickleObject {
  /** `<`, `>`, or `|` where it does not matter. */
  order = "|";

  constructor(readonly name: string) {
    super();
  }

  /** (version, byte order, …). */
  override setState(state: PickleValue): void {
    if (Array.isArray(state) && typeof state[1] === "string") this.order = state[1];
  }
}

const dtype = new PickleGlobal("numpy.dtype", ([name]) => new DType(text(name)));

/** How Python 3 writes bytes in protocols that have none: text of code points below 256. */
const encode = new PickleGlobal("_codecs.encode", ([content, encoding]) => {
  if (typeof content !== "string" || encoding !== "latin1") throw new Error("a call of _codecs.encode");
  return Uint8Array.from(content, (c) => c.charCodeAt(0));
});

/** By module and name. */
export const NUMPY_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map(
  [dtype, encode].map((global) => [global.name, global]),
);
