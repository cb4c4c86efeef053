import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, integers, NdArray } from "../../src/runtime/array.js";
import { readSafetensors, SafetensorsError, writeSafetensors } from "../../src/runtime/safetensors.js";

/** A file with any header, honest or not. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  out.set(data, 8 + json.length);
  return out;
}

const sample: [string, NdArray][] = [
  ["conv.weight", array([[1, -2.5, Number.POSITIVE_INFINITY]])],
  ["flags", new NdArray(Uint8Array.of(1, 0, 1), [3])],
  ["steps", integers([2 ** 31 - 1, -(2 ** 31)])],
  ["scalar", array(7)],
  ["empty", new NdArray(new Float32Array(0), [0, 4])],
];

describe("round trip", () => {
  test("every type, scalars and empty tensors, metadata", () => {
    const read = readSafetensors(writeSafetensors(sample, { epoch: "3", note: "ψ \u0000" }));
    expect([...read.tensors]).toEqual(sample);
    expect(read.metadata).toEqual({ epoch: "3", note: "ψ \u0000" });
  });

  test("the elements start aligned, whatever the header's length", () => {
    for (const name of ["a", "ab", "abc", "abcdefgh"]) {
      const bytes = writeSafetensors([[name, array([1])]]);
      expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    }
  });

  test("any float bits, under any name, read from any offset of a larger buffer", () => {
    const tensor = fc.array(fc.float(), { maxLength: 20 }).map((xs) => array(xs, [xs.length]));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensor), fc.nat(7), (record, offset) => {
        const list = Object.entries(record);
        const bytes = writeSafetensors(list);
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        const { tensors } = readSafetensors(shifted.subarray(offset));
        expect(new Map(tensors)).toEqual(new Map(list));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("names that are special to JavaScript objects", () => {
    const list: [string, NdArray][] = [
      ["__proto__", array([1])],
      ["constructor", array([2])],
    ];
    expect([...readSafetensors(writeSafetensors(list)).tensors]).toEqual(list);
  });

  test("a Node buffer, of which the arrays are copies", () => {
    const buffer = Buffer.from(writeSafetensors(sample));
    const { tensors } = readSafetensors(buffer);
    buffer.fill(0);
    expect([...tensors]).toEqual(sample);
  });

  test("a name given twice, or kept for the metadata, is refused", () => {
    const x = array([1]);
    expect(() =>
      writeSafetensors([
        ["a", x],
        ["a", x],
      ]),
    ).toThrow(SafetensorsError);
    expect(() => writeSafetensors([["__metadata__", x]])).toThrow(SafetensorsError);
  });
});

test("64-bit integers become 32-bit ones, or are refused", () => {
  const of = (...values: bigint[]) =>
    file(
      { t: { dtype: "I64", shape: [values.length], data_offsets: [0, 8 * values.length] } },
      new Uint8Array(BigInt64Array.from(values).buffer),
    );
  const { tensors } = readSafetensors(of(-(2n ** 31n), 5n, 2n ** 31n - 1n));
  expect(tensors.get("t")).toEqual(integers([-(2 ** 31), 5, 2 ** 31 - 1]));
  expect(() => readSafetensors(of(2n ** 31n))).toThrow(/"t" holds 2147483648/);
  expect(() => readSafetensors(of(-(2n ** 31n) - 1n))).toThrow(SafetensorsError);
});

describe("damaged and hostile files", () => {
  test("every truncation and every extension of a good file", () => {
    const bytes = writeSafetensors(sample, { epoch: "3" });
    for (let n = 0; n < bytes.length; n++) {
      expect(() => readSafetensors(bytes.subarray(0, n)), `${n} bytes`).toThrow(SafetensorsError);
    }
    expect(() => readSafetensors(Uint8Array.of(...bytes, 0))).toThrow(/the header describes/);
  });

  const four = new Uint8Array(4);
  const eight = new Uint8Array(8);
  const t = (over: object) => ({ t: { dtype: "F32", shape: [1], data_offsets: [0, 4], ...over } });
  const entry = (begin: number, end: number) => ({
    dtype: "F32",
    shape: [(end - begin) / 4],
    data_offsets: [begin, end],
  });
  const cases: [problem: string, bytes: Uint8Array, message: RegExp][] = [
    ["a header longer than the file", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123, 125), /does not fit/],
    ["a header that is not JSON", file("{t}"), /not JSON/],
    ["a header that is not UTF-8", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /not JSON/],
    ["a header nested beyond the stack", file("[".repeat(1_000_000)), /not JSON/],
    ["a header that is a list", file([]), /not a JSON object/],
    ["a header that is null", file("null"), /not a JSON object/],
    ["metadata that are not strings", file({ __metadata__: { a: 1 } }), /metadata/],
    ["metadata that are a list", file({ __metadata__: ["a"] }), /metadata/],
    ["an entry that is a number", file({ t: 3 }), /"t" is not described/],
    ["a missing type", file({ t: { shape: [1], data_offsets: [0, 4] } }, four), /"t" has type/],
    ["an unsupported type", file(t({ dtype: "F8_E4M3" }), four), /"t" has type "F8_E4M3"/],
    ["a type named as an object's method", file(t({ dtype: "toString" }), four), /"t" has type/],
    ["a shape that is a number", file(t({ shape: 1 }), four), /shape/],
    ["a negative dimension", file(t({ shape: [-1, -1] }), four), /shape/],
    ["a fractional dimension", file(t({ shape: [0.5, 2] }), four), /shape/],
    ["dimensions beyond all memory", file(t({ shape: [2 ** 50, 2 ** 50] }), four), /does not fill/],
    ["dimensions whose product is 2⁶⁴", file(t({ shape: [2 ** 32, 2 ** 32] }), four), /does not fill/],
    ["a shape larger than the data", file(t({ shape: [2] }), four), /does not fill/],
    ["missing offsets", file({ t: { dtype: "F32", shape: [1] } }, four), /data_offsets/],
    ["three offsets", file(t({ data_offsets: [0, 4, 4] }), four), /data_offsets/],
    ["offsets in reverse", file(t({ data_offsets: [4, 0] }), four), /does not fill/],
    ["a negative offset", file(t({ data_offsets: [-4, 0] }), four), /data_offsets/],
    ["data beyond the end", file(t({ shape: [1000], data_offsets: [0, 4000] }), four), /the file has 4/],
    ["data from beyond the end", file(t({ data_offsets: [1000, 1004] }), four), /starts at byte 1000/],
    ["data that overlap", file({ a: entry(0, 8), b: entry(4, 8) }, eight), /"b" starts at byte 4/],
    ["data used twice", file({ a: entry(0, 4), b: entry(0, 4) }, four), /starts at byte 0/],
    ["a gap", file({ a: entry(0, 4), b: entry(8, 12) }, new Uint8Array(12)), /"b" starts at byte 8/],
    ["bytes that belong to no tensor", file({}, four), /describes 0 bytes/],
    ["booleans other than 0 and 1", file(t({ dtype: "BOOL", shape: [4] }), Uint8Array.of(0, 1, 2, 0)), /booleans/],
    [
      "a name given twice (the first range is then unused)",
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        eight,
      ),
      /starts at byte 4/,
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test("one changed byte is either harmless or reported", () => {
    const bytes = writeSafetensors(sample, { epoch: "3" });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = bytes.slice();
        changed[at] = value;
        try {
          const { tensors } = readSafetensors(changed);
          for (const { size } of tensors.values()) expect(size).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
