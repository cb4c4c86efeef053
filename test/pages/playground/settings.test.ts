/** Addresses hold all settings: what they say comes back, and what they get wrong is as usual. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inRange, NUMBER_NAMES, rangeOf } from "../../../pages/playground/settings/numbers.js";
import { decodePoints, encodePoints, MOST_POINTS, rounded } from "../../../pages/playground/settings/points.js";
import {
  DEFAULTS,
  fromHash,
  LAYERS,
  METHODS,
  runKey,
  type Settings,
  TOYS,
  toHash,
} from "../../../pages/playground/settings/settings.js";
import { data } from "../../../src/web.js";

const numbers = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
    minLength: NUMBER_NAMES.length,
    maxLength: NUMBER_NAMES.length,
  })
  .map((values) => ({
    ...DEFAULTS.numbers,
    ...Object.fromEntries(NUMBER_NAMES.map((name, i) => [name, inRange(name, values[i]!)])),
  }));
const points = fc
  .array(fc.double({ min: -5, max: 5, noNaN: true }), { maxLength: 60 })
  .map((values) => rounded(values.slice(0, values.length - (values.length % 2))));
const settings: fc.Arbitrary<Settings> = fc
  .record({
    chapter: fc.constantFrom("plane", "digits"),
    data: fc.constantFrom(...TOYS, "points"),
    points,
    methods: fc.subarray([...METHODS], { minLength: 1 }),
    base: fc.boolean(),
    engine: fc.constantFrom("wasm", "webgpu"),
    shown: fc.constantFrom("logp", "p"),
    layers: fc.subarray([...LAYERS]),
    numbers,
  })
  .map((s) => ({ ...s, points: s.data === "points" ? s.points : [], focus: s.methods.at(-1)! }));

describe("addresses", () => {
  test("say what they are made of", () => {
    fc.assert(
      fc.property(settings, (s) => {
        expect(fromHash(toHash(s))).toEqual(s);
      }),
    );
  });

  test("are short where all is as usual", () => {
    expect(toHash(DEFAULTS)).toBe("#/plane");
    expect(toHash({ ...DEFAULTS, data: "moons", numbers: { ...DEFAULTS.numbers, seed: 3 } })).toBe(
      "#/plane?data=moons&seed=3",
    );
    for (const empty of ["", "#", "#/", "#/nowhere?"]) expect(fromHash(empty)).toEqual(DEFAULTS);
  });

  test("that are wrong are as usual, or at the end of the range", () => {
    const read = fromHash(
      "#/plane?data=nothing&methods=none&seed=x&width=9999&chain=-3&points=!&engine=gpu&layers=data,x",
    );
    expect(read).toEqual({
      ...DEFAULTS,
      layers: ["data"],
      numbers: { ...DEFAULTS.numbers, width: rangeOf("width").max, chain: rangeOf("chain").min },
    });
  });

  test("name a method to look at that trains", () => {
    expect(fromHash("#/plane?methods=ssm,ed").focus).toBe("ssm");
  });
});

test("the toy densities are the library's, all of them", () => {
  expect([...TOYS].sort()).toEqual([...data.TOY_NAMES].sort());
});

test("what a run depends on tells runs apart, and what is shown does not", () => {
  const key = runKey(DEFAULTS);
  expect(runKey({ ...DEFAULTS, shown: "p", layers: [], focus: "ed", methods: ["ed"] })).toBe(key);
  expect(runKey({ ...DEFAULTS, numbers: { ...DEFAULTS.numbers, seed: 2 } })).not.toBe(key);
});

describe("points", () => {
  test("come back as rounded", () => {
    fc.assert(
      fc.property(points, (p) => {
        expect(decodePoints(encodePoints(p))).toEqual(p);
      }),
    );
    for (const v of rounded([-7, 0.1234, 5])) expect(rounded([v])).toEqual([v]);
  });

  test("that are none are left out", () => {
    for (const text of ["abc", "ab!d", "A".repeat(4 * MOST_POINTS + 4)]) expect(decodePoints(text)).toEqual([]);
  });
});
