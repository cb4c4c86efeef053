import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { openStream } from "../../src/data/formats/gzip.js";
import { readNumericText } from "../../src/data/formats/numeric-text.js";
import { expectDataError, put, temporaryFolder } from "./files.js";

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});

describe("tables of numbers", () => {
  const read = async (text: string, options: Parameters<typeof readNumericText>[2]) => {
    const path = await put(folder, "numbers.txt", text);
    return readNumericText(await openStream(path), path, options);
  };
  const bare = { separator: "comma", header: false } as const;

  it("parses numbers as JavaScript does, to 15 digits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.float({ noNaN: true, noDefaultInfinity: true }),
            fc.integer(),
          ),
          { minLength: 1, maxLength: 30 },
        ),
        async (numbers) => {
          // 64-bit values show in `smallest`; of one row, each is the smallest.
          const table = await read(numbers.map(String).join(","), bare);
          numbers.forEach((n, j) => {
            expect(Math.abs(table.smallest[j]! - n)).toBeLessThanOrEqual(Math.abs(n) * 1e-14 + Number.MIN_VALUE);
          });
        },
      ),
      { numRuns: 100 },
    );
  });
  it("reads exponents, many spaces, trailing commas and a last line without an end", async () => {
    const human = await read("  2.8858451e-001 -2.0294171e-002\n  1.0e+0   7\n", { separator: "space", header: false });
    expect([...human.take([0, 1])]).toEqual([0.28858451, -0.020294171, 1, 7].map(Math.fround));
    const hepmass = await read("# label,f0,f1\r\n1.0,2,3,\r\n0.0,5,6,", { separator: "comma", header: true });
    expect([hepmass.header, hepmass.rows, hepmass.columns]).toEqual(["# label,f0,f1", 2, 3]);
    expect([...hepmass.column(0)]).toEqual([1, 0]);
    expect([...hepmass.take([2])]).toEqual([3, 6]);
  });
  it("counts how often the smallest value occurs", async () => {
    const table = await read("1,5\n1,4\n2,4\n0,4\n", bare);
    expect([...table.smallest]).toEqual([0, 4]);
    expect([...table.smallestCount]).toEqual([1, 3]);
  });
  it("crosses the borders of its blocks and of the stream's chunks", async () => {
    const n = 70_000;
    const table = await read(Array.from({ length: n }, (_, i) => `${i},${-i}`).join("\n"), bare);
    const values = table.take([1, 0]);
    for (const i of [0, 65_535, 65_536, n - 1])
      expect([...values.subarray(2 * i, 2 * i + 2)]).toEqual([i === 0 ? 0 : -i, i]);
  });
  it("refuses damaged rows, with the line", async () => {
    await expectDataError(() => read("1,2\n3\n", bare), /line 2: 1 numbers, 2 expected/);
    await expectDataError(() => read("1,2\n3,abc\n", bare), /line 2: a number was expected, found "abc"/);
    await expectDataError(() => read("1,2\n3,,4\n", bare), /line 2: a number was expected, found ""/);
    await expectDataError(() => read("1,1e\n", bare), /found "1e"/);
    await expectDataError(() => read("", bare), /no rows/);
  });
});
