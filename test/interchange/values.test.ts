/** What Python, NumPy and PyTorch pickle beside tensors, by every protocol; and pickles made to fill the memory. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowance } from "../../src/data/formats/budget.js";
import { unpickle } from "../../src/data/formats/pickle.js";
import { NumpyArray } from "../../src/data/formats/pickle-numpy.js";
import { PickleGlobal, PickleSet, PickleUnread, type PickleValue } from "../../src/data/formats/pickle-values.js";
import { InterchangeError, readOriginal, readTorch, TorchTensor, writeTorch } from "../../src/interchange/index.js";
import { full } from "../../src/runtime/index.js";
import { expectDataError, refusedOrRead } from "../data/files.js";

/** Written by golden/values.py. */
const FILES = JSON.parse(readFileSync(new URL("golden/values.json", import.meta.url), "utf8")) as Record<
  string,
  string
>;
const file = (name: string): Uint8Array => inflateSync(Buffer.from(FILES[name]!, "base64"));
const part = (value: PickleValue, name: string) => (value as Map<string, PickleValue>).get(name)!;

/** Values as those to compare with: maps become objects, what is not read its type, arrays their elements. */
function shown(value: PickleValue): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (value instanceof PickleGlobal) return `class ${value.name}`;
  if (value instanceof PickleUnread) return `a ${value.type}`;
  if (value instanceof PickleSet) return [value.type, ...value.values];
  if (value instanceof NumpyArray) return { shape: value.shape, values: value.numbers() && [...value.numbers()!] };
  if (value instanceof TorchTensor) return [...value.toArray().data];
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, shown(item)]));
  if (Array.isArray(value)) return value.map(shown);
  return typeof value === "object" && value !== null ? value.constructor.name : value;
}

const PLAIN = {
  none: null,
  true: true,
  false: false,
  int: -300,
  big: 2n ** 70n,
  negative: -(2n ** 100n),
  huge: 2n ** 4000n,
  float: 0.1,
  inf: Number.POSITIVE_INFINITY,
  text: "é\n'日本😀",
  bytes: "bytes 0061ff27",
  bytearray: "bytes 6162",
  empty: "bytes ",
  list: [1, [2, [3, []]]],
  tuple: [1, 2, 3, 4],
  set: ["set", 1],
  frozenset: ["frozenset", 2],
  complex: "a complex",
  ordered: { a: 1 },
  counter: { a: 2, b: 1 },
  default: { x: [1] },
  deque: [1, 2],
  namespace: { lr: 0.5, name: "run" },
  path: "/a/b",
  date: "a datetime.datetime",
  slice: "a slice",
  keys: {
    None: 0,
    True: 1,
    2: 2,
    2.5: 3,
    "(1, b)": 4,
    c: 5,
    "1180591620717411303424": 6,
    "<frozenset>": 7,
  },
  shared: [[7], [7]],
};
const NUMPY = {
  bool: true,
  int8: -5,
  uint16: 60000,
  int64: -(2 ** 40),
  wide: 2n ** 63n,
  half: 1.5,
  float32: 0.5,
  float64: 0.1,
  swapped: { shape: [1], values: [258] },
  complex64: "a numpy.complex64",
  datetime: "a numpy.datetime64",
  text: "a numpy.str_",
  bytes: "bytes 6162",
  long: "a numpy.longdouble",
  void: "a numpy.void",
  array: { shape: [3], values: [0, 1, 2] },
  texts: { shape: [1], values: null },
  objects: { shape: [2], values: null },
  dtype: "DType",
  class: "class numpy.float32",
  random: [624, 0, 0],
  empty: { shape: [0, 3], values: [] },
};

describe.each([0, 1, 2, 3, 4, 5])("protocol %i", (protocol) => {
  test("Python's and NumPy's values", () => {
    const values = unpickle(file(`pickle-${protocol}`), "f");
    const { type, ...plain } = shown(part(values, "plain")) as Record<string, unknown>;
    expect(plain).toEqual(PLAIN);
    expect(type).toBe(protocol < 3 ? "class builtins.long" : "class builtins.int");
    const shared = part(part(values, "plain"), "shared") as PickleValue[];
    expect(shared[0]).toBe(shared[1]);
    expect(shown(part(values, "numpy"))).toEqual(NUMPY);
  });

  test("the same in a stream of torch.save, whose magic number is a pickle of that protocol, too", async () => {
    const values = await readTorch(file(`stream-${protocol}`), "f");
    expect(shown(part(values, "numpy"))).toEqual(NUMPY);
    expect(shown(part(values, "torch"))).toEqual({
      dtype: "class torch.float32",
      size: [2, 3],
      device: "cuda:1",
      bf16: "class torch.bfloat16",
      class: "class torch.FloatTensor",
      layout: "torch.strided",
    });
  });
});

test.each([...[1, 2, 3, 4, 5].map((protocol) => `tensors-stream-${protocol}`), "tensors-zip-2", "tensors-zip-4"])(
  "%s: tensors are read, or named as what they are",
  async (name) => {
    const root = await readTorch(file(name), name);
    expect(() => shown(part(root, "complex"))).toThrow("a tensor is of torch.complex64");
    (root as Map<string, PickleValue>).delete("complex");
    expect(shown(root)).toEqual({
      float: [0, 1, 2],
      half: [1.5],
      bfloat: [-2.5],
      sparse: "a sparse torch.Tensor",
      quantised: "a quantised torch.Tensor",
      meta: "a torch.Tensor without values (meta)",
      parameter: [1],
    });
  },
);

test("tensors by protocol 0, which PyTorch does not read either, are named", () =>
  expect(readTorch(file("tensors-stream-0"), "f.pt")).rejects.toThrow(/f\.pt: it was pickled with protocol 0/));

test("a value of another type is named where it is needed", async () => {
  const bytes = readFileSync(new URL("golden/toy-stream.pt", import.meta.url));
  // The number 5, after `itr` and where that is remembered.
  const at = bytes.indexOf("K\x05", bytes.indexOf("itr", bytes.indexOf("eval_itrs") + 9));
  const instead = (instructions: string) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(instructions, "latin1"), bytes.subarray(at + 2)]);
  expect(await readOriginal(instead("K\x07"), "f")).toMatchObject({ iteration: 7 });
  await expect(readOriginal(instead("\x88"), "f")).rejects.toThrow("itr is a bool, no number of iterations");
  const complex = "c__builtin__\ncomplex\nG\0\0\0\0\0\0\0\0G\0\0\0\0\0\0\0\0\x86R";
  await expect(readOriginal(instead(complex), "f")).rejects.toThrow("itr is a complex, no number of iterations");
  await expect(readOriginal(writeTorch(new Map([["model", full([1], 0)]])), "f")).rejects.toThrow(/found model/);
});

describe("pickles that multiply what they hold", () => {
  const latin1 = (text: string) => Buffer.from(text, "latin1");
  /** BINUNICODE of so many letters, remembered as 0. */
  const long = (n: number) => `X${Buffer.from(Uint32Array.of(n).buffer).toString("latin1")}${"x".repeat(n)}q\0`;
  const times = (n: number, instructions: string) => instructions.repeat(n);
  const list = (items: string) => `\x80\x02](${items}e.`;

  test.each<[string, string]>([
    ["copies of bytes", `\x80\x02${long(16_000)}](${times(2000, "c_codecs\nencode\nh\0X\x06\0\0\0latin1\x86R")}e.`],
    [
      "copies of dictionaries",
      `\x80\x02}(${Array.from({ length: 2000 }, (_, i) => `J${latin1(String.fromCharCode(i & 255, i >> 8)).toString("latin1")}\0\0N`).join("")}uq\0](${times(1000, "ccollections\nOrderedDict\nh\0\x85R")}e.`,
    ],
    ["sets of one list", `\x80\x02](${times(4000, "N")}eq\0](${times(1000, "c__builtin__\nset\nh\0\x85R")}e.`],
    ["long keys", `\x80\x02${long(16_000).replace("X", "T")}](${times(2000, "}h\0Ns")}e.`],
    [
      "keys that are tuples of tuples",
      `\x80\x02K\x01q\0${times(60, `(${times(10, "h\0")}tq\0`)}](${times(20, "}h\0Ns")}e.`,
    ],
    ["empty dictionaries", list(times(32_000, "}"))],
    ["arrays of nothing", list(times(4000, "cnumpy.core.multiarray\n_reconstruct\n)R"))],
    ["marks", `\x80\x02${times(64_000, "(")}.`],
  ])("%s", async (_, content) => {
    const bytes = latin1(content);
    expect(bytes.length).toBeLessThan(200_000);
    const before = process.memoryUsage();
    const outcome = await refusedOrRead(() => unpickle(bytes, "f"));
    const after = process.memoryUsage();
    // Twice what is allowed: what was built is not collected yet, and arrays that grow leave smaller ones behind.
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect(grown).toBeLessThan(2 * allowance(bytes.length, "objects") + 8e6);
    if (outcome === "refused") await expectDataError(() => unpickle(bytes, "f"), /refused: the file has .* bytes/);
  });

  test("copies of bytes are refused, and the bytes themselves are not", async () => {
    const once = "c_codecs\nencode\nh\0X\x06\0\0\0latin1\x86R";
    const copies = (n: number) => latin1(`\x80\x02${long(16_000)}](${times(n, once)}e.`);
    expect(unpickle(copies(20), "f")).toHaveLength(20);
    await expectDataError(() => unpickle(copies(1000), "f"), /refused: the file has 47,013 bytes, and what is in it/);
  });

  test("what is remembered costs nothing to repeat", () => {
    const bytes = latin1(`\x80\x02${long(16_000)}](${times(10_000, "h\0")}e.`);
    expect(unpickle(bytes, "f")).toHaveLength(10_000);
  });

  test.each<[string, string]>([
    ["dictionaries", "}(X\x04\0\0\0lossG?\xf0\0\0\0\0\0\0X\x03\0\0\0accG?\xe0\0\0\0\0\0\0u"],
    ["dictionaries with remembered keys", "}\x94h\0K\x01s"],
    ["small lists", "]\x94(K\x01K\x02e"],
    ["pairs", "K\x01G?\xf0\0\0\0\0\0\0\x86\x94"],
    ["None", "N"],
  ])("a long history of metrics is no bomb: %s", (_, entry) => {
    const bytes = latin1(`\x80\x04X\x01\0\0\0aq\0](${times(50_000, entry)}e.`);
    expect(unpickle(bytes, "f")).toHaveLength(50_000);
  });
});

describe("damaged pickles are refused or read", () => {
  test.each([0, 1, 2, 3, 4, 5])("protocol %i with bytes changed", async (protocol) => {
    const bytes = file(`pickle-${protocol}`);
    const stream = file(`stream-${protocol}`);
    const change = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const changed = (whole: Uint8Array, changes: readonly (readonly [number, number])[]) => {
      const copy = Uint8Array.from(whole);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return copy;
    };
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        await refusedOrRead(() => unpickle(changed(bytes, changes), "f"));
        await readTorch(changed(stream, changes), "f").catch((error: unknown) => {
          expect(error).toBeInstanceOf(InterchangeError);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("random instructions of every protocol", async () => {
    const ops = [..."()]}.012FGIJKLMNPQRSTUVXabcdeghijloprstuqBC"].map((op) => op.charCodeAt(0));
    const instruction = fc.oneof(
      fc.constantFrom(...ops, ...Array.from({ length: 24 }, (_, i) => 0x80 + i)),
      fc.constantFrom(0, 1, 2, 10, 39, 255),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.array(instruction, { maxLength: 200 }), async (a, b) => {
        await refusedOrRead(() => unpickle(Uint8Array.from([...b, ...a, 0x2e]), "f"));
      }),
      { numRuns: 3000 },
    );
  });
});
