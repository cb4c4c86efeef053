/** The streams of whole runs: collected as they are made, and compared number by number. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { FreshBatches } from "../../src/data/index.js";
import { sampleToy, TOY_NAMES, toyDataset } from "../../src/data/sets/toy.js";
import { resolveConfig, train } from "../../src/runs/index.js";
import { Rng, type RngState } from "../../src/runtime/index.js";
import "../setup.js";

/** A stream that was asked for, or forked off another. */
interface Taken {
  readonly name: string;
  readonly state: RngState;
}
const { taken, forShapes } = vi.hoisted(() => {
  vi.resetModules(); // files of tests share what they import
  return { taken: [] as Taken[], forShapes: new WeakSet<object>() };
});

vi.mock("../../src/runtime/streams.js", async (original) => {
  const real = await original<typeof import("../../src/runtime/streams.js")>();
  const recorded = (seed: number, label: string) => ({
    for(name: string) {
      const rng = real.streams(seed).for(name);
      taken.push({ name: `${label}${name}`, state: rng.state });
      return rng;
    },
  });
  const shapesOnly = () => {
    const rng = real.shapesOnly();
    forShapes.add(rng); // its numbers are not used
    return rng;
  };
  return { ...real, shapesOnly, streams: (seed: number) => recorded(seed, `${seed} `), FIXED: recorded(0, "fixed ") };
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-streams-"));
  const fork = Rng.prototype.fork;
  vi.spyOn(Rng.prototype, "fork").mockImplementation(function (this: Rng) {
    const rng = fork.call(this);
    if (forShapes.has(this)) forShapes.add(rng);
    else taken.push({ name: "fork", state: rng.state });
    return rng;
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.resetModules();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers of each stream that are looked at. */
const NUMBERS = 2000;

/** Pairs of streams that have four numbers in a row in common, wherever in either. */
function coincidences(all: readonly Taken[]): string[] {
  const places = new Map<string, number>();
  const found = new Set<string>();
  all.forEach(({ state, name }, stream) => {
    const rng = new Rng(state);
    const drawn = Array.from({ length: NUMBERS }, () => rng.int32());
    for (let i = 0; i + 4 <= NUMBERS; i++) {
      const key = drawn.slice(i, i + 4).join();
      const other = places.get(key);
      if (other !== undefined && other !== stream) found.add(`${all[other]!.name} / ${name}`);
      places.set(key, stream);
    }
  });
  return [...found];
}

test("a stream that is another's later part is found", () => {
  const late = new Rng(5);
  for (let i = 0; i < 1500; i++) late.int32();
  const all = [new Rng(5), new Rng(6), late].map(({ state }, i) => ({ name: String(i), state }));
  expect(coincidences(all)).toEqual(["0 / 2"]);
});

const rows = Array.from({ length: 120 }, (_, i) => `${(i * 7) % 13},${(i * i) % 17},${i % 2 ? "a" : "b"}`);
const FEW = { noiseDim: 4, nIters: 3, batchSize: 10, printEvery: 1, threads: 1 };
const RUNS: Readonly<Record<string, { flags: Record<string, unknown>; what: readonly string[] }>> = {
  "few labels": {
    flags: { ...FEW, dataset: "digits", jem: true, labelsPerClass: 3, sgldSteps: 2 },
    what: ["classification", "ood", "attacks", "estimator"],
  },
  "a replay buffer": {
    flags: { ...FEW, dataset: "digits", jem: true, jemBaseline: true, nSteps: 1, bufferSize: 20 },
    what: ["likelihood", "ood"],
  },
  "the plane": { flags: { ...FEW, dataset: "moons", sgldSteps: 2 }, what: ["likelihood", "ood", "estimator"] },
  "a table": { flags: { threads: 1, csv: "t.csv", plots: false }, what: ["likelihood", "ood", "outliers"] },
  "a table with few labels": {
    flags: { threads: 1, csv: "t.csv", label: "y", jem: true, labelsPerClass: 5, plots: false },
    what: ["classification", "ood", "--dataset", "t.csv"],
  },
};

describe.each(Object.entries(RUNS))("a run of %s", (name, { flags, what }) => {
  const table = () => join(folder, "t.csv");
  const saveDir = () => join(folder, name.replaceAll(" ", "-"));

  beforeAll(async () => {
    await writeFile(table(), ["u,v,y", ...rows].join("\n"));
    taken.length = 0;
    const file = flags.csv === undefined ? {} : { csv: table() };
    await train(resolveConfig({ flags: { ...flags, ...file, saveDir: saveDir() } }));
  }, 120_000);

  test("takes no stream for two purposes, nor two that coincide", () => {
    const names = taken.map(({ name: own }) => own).filter((own) => own !== "fork" && !own.startsWith("fixed "));
    // The rows that keep their label are drawn for the batches and for the classifier of a table: they are to be the same.
    const once = names.filter((own) => !own.endsWith("rows that keep their label"));
    expect(once.length).toBe(new Set(once).size);
    expect(once.length).toBeGreaterThan(3);
    const distinct = new Map(taken.map((t) => [t.state.join(), t]));
    expect(coincidences([...distinct.values()])).toEqual([]);
    // Forks are made once each: any two that are equal are two streams.
    const forks = taken.filter(({ name: own }) => own === "fork").map(({ state }) => state.join());
    expect(new Set(forks).size).toBe(forks.length);
  });

  test("and its evaluation with the training's seed takes further ones", async () => {
    const trained = new Set(taken.map(({ name: own }) => own));
    taken.length = 0;
    const small = {
      limit: 30,
      chains: 10,
      temperatures: 5,
      bootstrap: 20,
      "refine-steps": 1,
      "n-steps": 1,
      repetitions: 2,
    };
    const smaller = { "attack-examples": 10, "attack-steps": 2, "posterior-samples": 2, scores: "all", seed: 1234 };
    const options = Object.entries({ ...small, ...smaller }).flatMap(([key, value]) => [`--${key}`, String(value)]);
    const asked = what.map((each) => (each === "t.csv" ? table() : each));
    let errors = "";
    const terminal = { out: { write: () => {} }, err: { write: (text: string) => (errors += text) } };
    const code = await vera(["eval", saveDir(), ...options, "--what", ...asked], terminal);
    expect({ code, errors }).toMatchObject({ code: 0 });
    const own = taken.map(({ name: each }) => each).filter((each) => each.startsWith("1234 "));
    expect(own.length).toBeGreaterThan(2);
    // The same data with the same labels, and of a table the comparison with odd rows that training ends with.
    const same = / split of |base measure of training rows$|rows that keep their label$/;
    expect(own.filter((each) => trained.has(each) && !same.test(each))).toEqual([]);
    const distinct = new Map(taken.map((t) => [t.state.join(), t]));
    expect(coincidences([...distinct.values()])).toEqual([]);
  }, 120_000);
});

describe("a toy density", () => {
  const points = (data: ArrayLike<number>) =>
    Array.from({ length: data.length / 2 }, (_, i) => `${data[2 * i]},${data[2 * i + 1]}`);

  test.each(TOY_NAMES)("%s: no point of one split is in another, or trains", async (name) => {
    const { splits, sample } = await toyDataset(name);
    const sets = Object.values(splits).map((split) =>
      points(split.x(Int32Array.from({ length: split.size }, (_, i) => i)).data),
    );
    const all = sets.flat();
    expect(new Set(all).size).toBe(all.length);
    const tested = new Set(all);
    // Whatever the seed, that of the splits among them.
    for (const seed of [0, 1, 1234]) {
      const batches = new FreshBatches(sample!, 10_000, { batchSize: 400, seed });
      for (let i = 0; i < 50; i++) expect(points(batches.next().x.data).some((point) => tested.has(point))).toBe(false);
    }
  });

  test("a shared stream would be seen", async () => {
    const a = new Set(points(sampleToy("moons", 50, new Rng(3)).data));
    expect(points(sampleToy("moons", 80, new Rng(3)).data).filter((point) => a.has(point)).length).toBe(50);
  });
});
