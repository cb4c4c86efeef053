/** Files of torch.save: what PyTorch wrote is read, what it would not write is refused, and nothing runs away. */
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TorchValue } from "../../src/interchange/index.js";
import { InterchangeError, readOriginal, readTorch, TorchTensor, writeTorch } from "../../src/interchange/index.js";
import { OrderedDict, type PyValue } from "../../src/interchange/torch/pickle-writer.js";
import { array, integers, type NdArray } from "../../src/runtime/index.js";

const file = (name: string): Uint8Array => readFileSync(new URL(`golden/${name}`, import.meta.url));
const get = (value: TorchValue | undefined, ...path: string[]): TorchValue | undefined =>
  path.reduce<TorchValue | undefined>((v, key) => (v instanceof Map ? v.get(key) : undefined), value);
const arrayOf = (value: TorchValue | undefined): NdArray => (value as TorchTensor).toArray();
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe.each(["values.pt", "values-stream.pt"])("%s of PyTorch", (name) => {
  const read = async () => readTorch(file(name), name);

  test.each<[string, string, number[], number[]]>([
    ["float", "f32", [2, 3, 4], range(24)],
    ["double", "f32", [2], [0.1, -2.5e10].map(Math.fround)],
    ["half", "f32", [4], [1.5, -(2 ** -24), 65504, Number.POSITIVE_INFINITY]],
    ["long", "i32", [1, 2], [-1, 2 ** 31 - 1]],
    ["int", "i32", [2], [7, -8]],
    ["short", "i32", [1], [-300]],
    ["char", "i32", [1], [-5]],
    ["byte", "i32", [1], [250]],
    ["bool", "bool", [3], [1, 0, 1]],
    ["scalar", "f32", [], [2.5]],
    ["empty", "f32", [0, 3], []],
    [
      "transposed",
      "f32",
      [4, 2, 3],
      range(24).map((i) => 12 * (Math.floor(i / 3) % 2) + 4 * (i % 3) + Math.floor(i / 6)),
    ],
    ["part", "f32", [2, 2], [16, 18, 20, 22]],
    ["expanded", "f32", [4, 3], Array(12).fill(1)],
    ["parameter", "f32", [2], [1, 1]],
  ])("%s: %s%j", async (key, dtype, shape, values) => {
    const x = arrayOf(get(await read(), "tensors", key));
    expect([x.dtype, x.shape, [...x.data]]).toEqual([dtype, shape, values]);
  });

  test("bfloat16, of 8 bits of precision", async () => {
    const [a, b, c] = arrayOf(get(await read(), "tensors", "bfloat")).data;
    expect([a, c]).toEqual([1.5, 2 ** -133]); // the least there is, for 1e-40
    expect(b! / -3e38).toBeCloseTo(1, 2);
  });

  test("what else a checkpoint of the original holds", async () => {
    const root = await read();
    expect([...(get(root, "counter") as Map<string, number>)]).toEqual([
      ["5", 1],
      ["9", 2],
    ]);
    expect(get(root, "numpy")).toEqual([0.1, 0.5, 3]);
    expect(get(root, "tuple")).toEqual([1, -1, 2 ** 40, 1e300]);
    expect(get(root, "none")).toBeNull();
  });
});

test("what is written is read", async () => {
  const weights = new OrderedDict([
    [
      "a.weight",
      array([
        [1, 2],
        [3, 4],
      ]),
    ],
    ["a.count", integers([5], [])],
  ]);
  const value = new Map<string | number, PyValue>([
    ["model", weights],
    [7, [true, null, -3, 0.25, "ü", 2 ** 40]],
  ]);
  const bytes = writeTorch(value);
  const root = await readTorch(bytes, "f");
  expect(arrayOf(get(root, "model", "a.weight"))).toEqual(
    array([
      [1, 2],
      [3, 4],
    ]),
  );
  expect(arrayOf(get(root, "model", "a.count"))).toEqual(integers([5], []));
  expect(get(root, "7")).toEqual([true, null, -3, 0.25, "ü", 2 ** 40]);
  expect(writeTorch(value)).toEqual(bytes);
});

/** Reads everything in a file: "read", or why it was refused. Any other error is a fault of ours. */
async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const root = await readTorch(bytes, "f");
    for (const tensor of (get(root, "tensors") as Map<string, TorchValue> | undefined)?.values?.() ?? []) {
      if (tensor instanceof TorchTensor) tensor.toArray();
    }
    return "read";
  } catch (error) {
    if (!(error instanceof InterchangeError)) throw error;
    return error.message;
  }
}

describe("damaged files", () => {
  test.each(["values.pt", "values-stream.pt", "toy.pt", "toy-stream.pt"])("%s cut short anywhere", async (name) => {
    const bytes = file(name);
    const step = Math.max(1, Math.floor(bytes.length / 300));
    for (let n = 0; n < bytes.length; n += step)
      expect(await outcome(bytes.subarray(0, n)), `cut to ${n} bytes`).toMatch(
        /truncated|no checkpoint|damaged|beyond/,
      );
  });

  test.each(["values.pt", "values-stream.pt"])("%s with bytes changed: refused or read, soon", async (name) => {
    const bytes = file(name);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    const before = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        await outcome(copy); // one that takes long takes all of them past the limit of a test
      }),
      { numRuns: 2000 },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6); // a file of 5 kB must not ask for gigabytes
  });

  test.each(["jem.pt", "jem-stream.pt"])("%s with bytes changed, as a checkpoint of the original", async (name) => {
    const bytes = file(name);
    // The pickle's part of the file: the weights after it may be anything.
    const start = name === "jem.pt" ? Buffer.from(bytes).indexOf("epoch") : 0;
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const copy = Uint8Array.from(bytes);
      const at = start + ((i * 7919) % 7000);
      copy[at] = (copy[at]! + 1 + ((i * 31) % 255)) % 256;
      if (name === "jem.pt") fixChecksum(copy);
      const error = await readOriginal(copy, name).catch((e: unknown) => e);
      if (error instanceof Error) {
        refused++;
        expect(error).toBeInstanceOf(InterchangeError);
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  test("random pickles between whole header and end", async () => {
    const header = file("values-stream.pt").subarray(0, 15 + 6);
    const opcodes = fc.constantFrom(
      ..."}])(tlde.0NRbQcusah\x85\x86\x87\x88\x89\x93\x94".split("").map((c) => c.charCodeAt(0)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(opcodes, { maxLength: 200 }), async (ops) => {
        expect(await outcome(Uint8Array.from([...header, ...ops]))).not.toBe("read");
      }),
      { numRuns: 1000 },
    );
  });

  test("a weight changed in a zip is noticed by its checksum", async () => {
    const bytes = writeTorch(new Map([["tensors", new Map([["a", array(range(100))]])]]));
    const at = Buffer.from(bytes.buffer, bytes.byteOffset).indexOf(Buffer.from(Float32Array.of(50, 51).buffer));
    const copy = Uint8Array.from(bytes);
    copy[at] = copy[at]! ^ 1;
    expect(await outcome(copy)).toMatch(/archive\/data\/0 is corrupt: its checksum does not match/);
  });
});

/** Makes the checksum of a zip's first entry right again, so that a changed pickle is run. */
function fixChecksum(zip: Uint8Array): void {
  const view = new DataView(zip.buffer);
  const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const central = Buffer.from(zip.buffer).indexOf(Buffer.from("PK\x01\x02", "latin1"));
  const size = view.getUint32(central + 24, true);
  view.setUint32(central + 16, crc32(zip.subarray(start, start + size)), true);
}

/** A stream whose object is this pickle, with storages `[key, elements, bytes]`. */
function stream(pickle: string, storages: readonly [string, number, Uint8Array][] = []): Uint8Array {
  const text = (s: string) => Buffer.from(s, "latin1");
  const keys = `\x80\x02](${storages.map(([key]) => `X${String.fromCharCode(key.length)}\0\0\0${key}`).join("")}e.`;
  const contents = storages.flatMap(([, size, bytes]) => [Buffer.from(BigUint64Array.of(BigInt(size)).buffer), bytes]);
  const header = Buffer.from(file("values-stream.pt").subarray(0, 21));
  return Buffer.concat([header, text("\x80\x02}."), text(pickle), text(keys), ...contents]);
}
const word = (s: string) => `X${String.fromCharCode(s.length)}\0\0\0${s}`;
/** A number, as BININT. */
const int = (n: number) => `J${Buffer.from(Int32Array.of(n).buffer).toString("latin1")}`;
const tensor = (size: number, offset: number, shape: string, strides: string) =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${word("storage")}ctorch\nFloatStorage\n${word("0")}${word("cpu")}${int(size)}tQ${int(offset)}${shape}${strides}\x89ccollections\nOrderedDict\n)RtR`;
const dictOf = (...tensors: string[]) =>
  `\x80\x02}${word("tensors")}}(${tensors.map((t, i) => word(`t${i}`) + t).join("")}us.`;
const storage: [string, number, Uint8Array] = ["0", 4, new Uint8Array(16)];

describe("hostile files", () => {
  test("the construction itself is read", async () => {
    expect(await outcome(stream(dictOf(tensor(4, 0, `(${int(4)}t`, `(${int(1)}t`)), [storage]))).toBe("read");
  });

  test.each([
    ["posix\nsystem", "posix.system"],
    ["builtins\neval", "builtins.eval"],
    ["__builtin__\ngetattr", "__builtin__.getattr"],
    ["torch.storage\n_load_from_bytes", "torch.storage._load_from_bytes"],
    ["torch.nn.modules.container\nSequential", "torch.nn.modules.container.Sequential"],
    ["functools\npartial", "functools.partial"],
  ])("a pickle that names %j is refused by name", async (global, name) => {
    const refused = `refused: its pickle names ${name},`;
    expect(await outcome(stream(`\x80\x02c${global}\n(${word("id")}tR.`))).toContain(refused);
    const [module, attribute] = global.split("\n") as [string, string];
    expect(await outcome(stream(`\x80\x04${word(module)}${word(attribute)}\x93.`))).toContain(refused);
  });

  test("names in the header are refused, too", async () => {
    const evil = Buffer.concat([file("values-stream.pt").subarray(0, 15), Buffer.from("cos\nsystem\n(tR.")]);
    expect(await outcome(evil)).toMatch(/refused: its header names os\.system/);
  });

  test.each<[string, string[], RegExp]>([
    ["a stride of 0 that makes gigabytes", [tensor(4, 0, `(${int(2 ** 30)}t`, `(${int(0)}t`)], /exceed the file/],
    ["a window beyond the storage", [tensor(4, 1, `(${int(4)}t`, `(${int(1)}t`)], /reaches beyond its storage/],
    ["sizes below 0", [tensor(4, 0, `(${int(-4)}t`, `(${int(1)}t`)], /cannot be/],
    ["strides below 0", [tensor(4, 3, `(${int(4)}t`, `(${int(-1)}t`)], /cannot be/],
    [
      "sizes whose product overflows",
      [tensor(4, 0, `(${int(2 ** 30).repeat(5)}t`, `(${int(0).repeat(5)}t`)],
      /exceed the file/,
    ],
    ["sizes without strides", [tensor(4, 0, `(${int(4)}t`, "(t")], /cannot be/],
    [
      "a storage of other size than its tensors say",
      [tensor(8, 0, `(${int(8)}t`, `(${int(1)}t`)],
      /should have 32 bytes and has 16/,
    ],
  ])("%s", async (_, tensors, message) => {
    expect(await outcome(stream(dictOf(...tensors), [storage]))).toMatch(message);
  });

  test("many windows on one storage", async () => {
    const window = tensor(4096, 0, `(${int(4096)}t`, `(${int(1)}t`);
    const large: typeof storage = ["0", 4096, new Uint8Array(4 * 4096)];
    expect(await outcome(stream(dictOf(window, window), [large]))).toBe("read");
    expect(await outcome(stream(dictOf(...Array(250).fill(window)), [large]))).toMatch(/exceed the file/);
  });

  test("a storage that says it is larger than the file", async () => {
    const one = dictOf(tensor(4, 0, `(${int(4)}t`, `(${int(1)}t`));
    expect(await outcome(stream(one, [["0", 2 ** 50, new Uint8Array(16)]]))).toMatch(/truncated: storage 0/);
    expect(await outcome(stream(one, [["1", 4, new Uint8Array(16)]]))).toMatch(/storage 1 is of no tensor/);
    expect(await outcome(stream(one, []))).toMatch(/no storage 0: it is incomplete/);
  });

  test("a list that contains itself, and dictionaries nested without end, are read without a walk through them", async () => {
    expect(await outcome(stream("\x80\x02]q\0h\0a."))).toBe("read");
    const laughs = `\x80\x02]q\0${range(60)
      .map((i) => `(${`h${String.fromCharCode(i)}`.repeat(10)}lq${String.fromCharCode(i + 1)}`)
      .join("")}.`;
    expect(await outcome(stream(laughs))).toBe("read");
  });

  test("a compressed entry, which could swell, is refused before it is unpacked", async () => {
    const copy = Uint8Array.from(writeTorch(new Map([["tensors", new Map([["a", array(range(100))]])]])));
    const central = Buffer.from(copy.buffer).indexOf(Buffer.from("PK\x01\x02", "latin1"));
    copy[central + 10] = 8;
    expect(await outcome(copy)).toMatch(/is compressed, as torch\.save never does/);
  });

  test("other files are named as what they are not", async () => {
    expect(await outcome(Buffer.from("hello"))).toMatch(/no checkpoint of PyTorch/);
    expect(await outcome(new Uint8Array(0))).toMatch(/no checkpoint of PyTorch/);
    await expect(readOriginal(file("values.pt"), "v.pt")).rejects.toThrow(
      /v\.pt: no checkpoint of the original implementation: model\.logp_net and model\.g expected, found tensors, counter/,
    );
  });
});
