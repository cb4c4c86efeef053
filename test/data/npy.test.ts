/** NumPy's arrays in files: as numpy.save writes them, and as nobody does. */
import { describe, expect, it } from "vitest";
import { encodeNpy, parseNpy } from "../../src/data/formats/npy.js";
import { integers, Rng } from "../../src/runtime/index.js";
import { expectDataError, refusedOrRead } from "./files.js";

/** A file of format version 1, or with a longer header 2. */
function npy(descr: string, shape: string, content: Uint8Array, { fortran = "False", version = 1 } = {}): Uint8Array {
  const header = Buffer.from(`{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.length);
  return Buffer.concat([Uint8Array.of(0x93), Buffer.from("NUMPY"), Uint8Array.of(version, 0), length, header, content]);
}
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe("arrays of NumPy", () => {
  it("are read as they were written", () => {
    const x = new Rng(1).normal([3, 4, 2]);
    expect(parseNpy(encodeNpy(x), "f")).toEqual({ shape: [3, 4, 2], values: Float64Array.from(x.data) });
    expect(parseNpy(encodeNpy(integers([7, -8, 9])), "f")).toEqual({ shape: [3], values: Float64Array.of(7, -8, 9) });
  });
  it.each<[string, ArrayBufferView]>([
    ["<f8", Float64Array.of(1, -2, 3, 0.5, 5, 6)],
    ["<i8", BigInt64Array.of(1n, -2n, 3n, 4n, 5n, 6n)],
    ["|u1", Uint8Array.of(1, 2, 3, 4, 5, 255)],
    [">i2", Buffer.from([0, 1, 255, 254, 0, 3, 0, 4, 0, 5, 1, 0])],
    ["|b1", Uint8Array.of(1, 0, 1, 1, 0, 0)],
  ])("of type %s, row by row and column by column", (descr, array) => {
    const rows = parseNpy(npy(descr, "(2, 3)", bytesOf(array)), "f").values;
    expect(rows).toHaveLength(6);
    if (descr === ">i2") expect([...rows]).toEqual([1, -2, 3, 4, 5, 256]);
    else expect([...rows]).toEqual(Array.from(array as unknown as ArrayLike<number | bigint>, Number));
    const columns = parseNpy(npy(descr, "(3, 2)", bytesOf(array), { fortran: "True", version: 2 }), "f");
    const [a, b, c, d, e, f] = rows;
    expect(columns).toEqual({ shape: [3, 2], values: Float64Array.of(a!, d!, b!, e!, c!, f!) });
  });
  it("three dimensions column by column", () => {
    const { values } = parseNpy(npy("|u1", "(2, 1, 3)", Uint8Array.of(0, 1, 2, 3, 4, 5), { fortran: "True" }), "f");
    expect([...values]).toEqual([0, 2, 4, 1, 3, 5]);
  });
  it("what is none is refused", async () => {
    const good = npy("<f8", "(2, 1)", bytesOf(Float64Array.of(1, 2)));
    await expectDataError(
      () => parseNpy(Buffer.from("col1,col2\n1,2\n"), "f"),
      /not a file of NumPy's format .*numpy\.save/,
    );
    await expectDataError(() => parseNpy(npy("|O", "(2,)", new Uint8Array(9)), "f"), /not of numbers: .*'\|O'/);
    await expectDataError(() => parseNpy(npy("<M8[ns]", "(1,)", new Uint8Array(8)), "f"), /not of numbers/);
    await expectDataError(
      () => parseNpy(good.subarray(0, good.length - 3), "f"),
      /truncated: 16 bytes expected for \[2,1\]/,
    );
    await expectDataError(() => parseNpy(Buffer.concat([good, Uint8Array.of(0)]), "f"), /too long: 16 bytes expected/);
    for (let n = 0; n < good.length; n++)
      expect(await refusedOrRead(() => parseNpy(good.subarray(0, n), "f"))).toBe("refused");
    for (let i = 0; i < good.length; i++) {
      const changed = Uint8Array.from(good, (byte, j) => (i === j ? byte ^ 0x15 : byte));
      await refusedOrRead(() => parseNpy(changed, "f"));
    }
  });
});
