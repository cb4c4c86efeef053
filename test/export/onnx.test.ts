/** Exported models give the library's numbers, for every architecture, preprocessing and size of batch. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brightness, decodeRow, loadDataset, scalePixels, type TablePreprocessing } from "../../src/data/index.js";
import { ExportError, exportOnnx, type PublishedTable, readMetadata, tableInputs } from "../../src/export/index.js";
import type { Dict } from "../../src/nn/index.js";
import { keptAt, loadRun, readMetrics, type TrainedRun } from "../../src/runs/index.js";
import { compile, NdArray, Rng } from "../../src/runtime/index.js";
import { readCalibration } from "../../src/score/calibration.js";
import { encodeTable } from "../../src/tables/index.js";
import { difference, libraryOutputs, rows, trainBriefly, untrainedImageRun } from "./runs.js";

/** The same sums of 32-bit floats, in another order where kernels for constant weights differ. */
const TOLERANCE = 1e-5;
const BATCHES = [1, 2, 7];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-export-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Feeds = Readonly<Record<string, Tensor>>;
const floats = (name: string, x: NdArray): Feeds => ({
  [name]: new Tensor("float32", x.data as Float32Array, x.shape),
});

async function runModel(bytes: Uint8Array, feeds: Feeds) {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs as Readonly<
    Record<string, { readonly data: Float32Array | Uint8Array; readonly dims: readonly number[] }>
  >;
}

const asFloats = (x: NdArray) => (from: number, count: number) => floats("x", rows(x, from, count));

/**
 * Compares the exported model with the library for several sizes of batch.
 * @param published so many rows from one on, as the exported model takes them.
 */
async function expectSame(run: TrainedRun, published: (from: number, count: number) => Feeds, prepared: NdArray) {
  const bytes = await exportOnnx(run, { gradientNorm: true });
  const { temperature, oodThreshold } = readMetadata(bytes);
  const expected = await libraryOutputs(run, prepared, temperature);
  let at = 0;
  for (const batch of BATCHES) {
    const outputs = await runModel(bytes, published(at, batch));
    expect(
      Object.keys(outputs)
        .filter((name) => name !== "out_of_distribution")
        .sort(),
    ).toEqual(Object.keys(expected).sort());
    for (const [name, values] of Object.entries(expected)) {
      const width = values.length / prepared.shape[0]!;
      const part = Array.from(values).slice(at * width, (at + batch) * width);
      expect(outputs[name]!.dims[0], name).toBe(batch);
      const tolerance = name === "gradient_norm" ? 3 * TOLERANCE : TOLERANCE; // sums through the network and back
      expect(difference(outputs[name]!.data, part, values), `${name}, batch of ${batch}`).toBeLessThan(tolerance);
    }
    if (oodThreshold !== null) {
      const verdict = Array.from(outputs.log_density!.data, (v) => Number(v < oodThreshold));
      expect(Array.from(outputs.out_of_distribution!.data)).toEqual(verdict);
    }
    at += batch;
  }
  return bytes;
}

describe("digits", () => {
  let run: TrainedRun;
  beforeAll(async () => {
    run = await loadRun(await trainBriefly(join(folder, "digits"), { dataset: "digits", jem: true, noiseDim: 8 }));
  });

  test("the model gives the library's numbers for published pixels", async () => {
    const { test: split } = (await loadDataset("digits")).splits;
    const indices = Array.from({ length: 10 }, (_, i) => i);
    const pixels = (split as unknown as { pixels(i: number[]): Uint8Array }).pixels(indices);
    await expectSame(run, asFloats(new NdArray(Float32Array.from(pixels), [10, 1, 8, 8])), split.x(indices));
  });

  test("metadata tells what is needed to use it", async () => {
    const metadata = readMetadata(await exportOnnx(run));
    expect(metadata).toMatchObject({
      part: "model",
      dataset: "digits",
      fingerprint: run.info.data.fingerprint,
      classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      values: { kind: "image", max: 16 },
      temperature: (await readCalibration(run))!.temperature,
    });
    expect(metadata.vera).toBe(JSON.parse(await readFile("package.json", "utf8")).version);
  });

  test("the threshold takes 5 % of the validation split for something else", async () => {
    const { oodThreshold } = readMetadata(await exportOnnx(run));
    const { validation } = (await loadDataset("digits")).splits;
    const all = validation.x(Array.from({ length: validation.size }, (_, i) => i));
    const { log_density: logDensity } = await libraryOutputs(run, all, 1);
    const alarms = logDensity.filter((v) => v < oodThreshold!).length;
    expect(alarms / validation.size).toBeLessThanOrEqual(0.05);
    expect(alarms / validation.size).toBeGreaterThan(0.03);
  });

  test("the generator gives the library's images, as pixels", async () => {
    const bytes = await exportOnnx(run, { part: "generator" });
    const { model, variables } = run.generator!;
    const mean = compile(((v: never, z: never) => model.mean(v, z, { mode: "eval" }).mean) as never) as unknown as (
      v: unknown,
      z: NdArray,
    ) => Promise<NdArray>;
    const z = new Rng(0).normal([7, 8]);
    const images = await mean({ params: variables.params.g, state: variables.state }, z);
    const pixels = brightness(images.data as Float32Array, "symmetric").map((v) => 16 * v);
    for (const batch of BATCHES) {
      const { x } = await runModel(bytes, floats("z", rows(z, 0, batch)));
      expect(x!.dims).toEqual([batch, 1, 8, 8]);
      expect(difference(x!.data, pixels.slice(0, batch * 64))).toBeLessThan(TOLERANCE);
    }
    expect(readMetadata(bytes)).toMatchObject({ part: "generator", values: { kind: "image", max: 16 } });
  });

  test("without classes: f counts how usual the layers look of a network that learned quarter turns", {
    timeout: 60_000,
  }, async () => {
    const flags = { dataset: "digits", imgSize: 32, dcganWidth: 8, classNetwork: "small-resnet", typicality: true };
    const path = await trainBriefly(join(folder, "turns"), { ...flags, nIters: 10, printEvery: 5 });
    const turned = await loadRun(path);
    expect(turned.model.classes).toBeNull();
    expect((turned.variables.state.typicality as Dict<NdArray>).weight).toMatchObject({ shape: [] });
    const [line] = await readMetrics(path);
    expect(line).toMatchObject({ loss_turns: expect.any(Number), accuracy_turns: expect.any(Number) });
    const { test: split } = (await loadDataset("digits", { imageSize: 32 })).splits;
    const indices = Array.from({ length: 10 }, (_, i) => i);
    const pixels = (split as unknown as { pixels(i: number[]): Uint8Array }).pixels(indices);
    await expectSame(turned, asFloats(new NdArray(Float32Array.from(pixels), [10, 1, 32, 32])), split.x(indices));
  });

  test("data that is not there or is another leaves the model without a threshold, and says so", async () => {
    const notes: string[] = [];
    await rm(keptAt(run, "calibration.json"));
    const other = { ...run, info: { ...run.info, data: { ...run.info.data, fingerprint: "other" } } };
    const bytes = await exportOnnx(other, { onNote: (text) => notes.push(text) });
    expect(readMetadata(bytes).oodThreshold).toBeNull();
    const gone = { ...run, config: { ...run.config, dataset: "mnist", dataRoot: join(folder, "nowhere") } };
    await exportOnnx(gone, { onNote: (text) => notes.push(text) });
    expect(notes).toEqual([
      expect.stringContaining("not the data that the model was trained on"),
      expect.stringContaining('data set "mnist": not found'),
    ]);
    const { out_of_distribution: verdict } = await runModel(
      bytes,
      floats("x", new NdArray(new Float32Array(64), [1, 1, 8, 8])),
    );
    expect(verdict).toBeUndefined();
  });
});

describe("a table", () => {
  const header = "age,city,income,year,plan,class";
  const cities = ["Bern", "Basel", "Chur", ""];
  const csv = (n: number, seed: number) => {
    const rng = new Rng(seed);
    const line = () => {
      const y = rng.below(3);
      const age = rng.random() < 0.1 ? "" : (30 + 10 * y + 5 * rng.gaussian()).toFixed(1);
      const city = cities[rng.random() < 0.6 ? y : rng.below(4)];
      const income = rng.random() < 0.1 ? "NA" : Math.round(50000 + 9000 * y + 5000 * rng.gaussian());
      const year = 2015 + rng.below(7);
      return [age, city, income, year, rng.below(2) ? "yes" : "no", ["a", "b", "c"][y]].join(",");
    };
    return [header, ...Array.from({ length: n }, line)].join("\n");
  };
  let run: TrainedRun;
  let preprocessing: TablePreprocessing;
  beforeAll(async () => {
    const path = join(folder, "people.csv");
    await writeFile(path, csv(300, 1));
    const flags = { csv: path, label: "class", vera: true, jem: true, noiseDim: 8, lr: 1e-4, pgControl: 0.1 };
    run = await loadRun(await trainBriefly(join(folder, "table"), flags));
    preprocessing = run.info.data.preprocessing as TablePreprocessing;
  });

  /** The lines of a file, read as `score` reads them. */
  const deployed = (text: string, bytes: Uint8Array) => (from: number, count: number) => {
    const lines = text.split("\n").slice(1 + from, 1 + from + count);
    const names = header.split(",");
    const fields = lines.map((line) => Object.fromEntries(line.split(",").map((field, i) => [names[i]!, field])));
    return tableInputs(readMetadata(bytes).values as PublishedTable, fields);
  };

  test("raw columns, missing values and unknown levels included, give the library's numbers", async () => {
    // The first rows, which matter most, are in the batches of 1 and 2.
    const text = csv(9, 2).replace("\n", "\n41,Rome,52000,2016,yes,b\n,,NA,,no,a\n");
    expect(text.split("\n")[2]).toMatch(/^,,NA/);
    const path = join(folder, "new.csv");
    await writeFile(path, text);
    const { x } = await encodeTable(path, preprocessing);
    const bytes = await expectSame(run, deployed(text, await exportOnnx(run)), x);
    expect(readMetadata(bytes)).toMatchObject({
      classes: ["a", "b", "c"],
      values: {
        kind: "table",
        columns: [
          { name: "age", kind: "numeric" },
          { name: "city", kind: "categorical", levels: ["Basel", "Bern", "Chur", "(missing)"] },
          { name: "income", kind: "numeric" },
          { name: "year", kind: "numeric" },
          { name: "plan", kind: "categorical", levels: ["no", "yes"] },
        ],
        tensors: [
          { name: "numbers", dtype: "float64", columns: ["age", "income", "year"] },
          { name: "categories", dtype: "string", columns: ["city", "plan"] },
        ],
      },
    });
  });

  test("a classifier that was fitted, on a base measure", async () => {
    const path = join(folder, "few-people.csv");
    await writeFile(path, csv(60, 1));
    const fitted = await loadRun(await trainBriefly(join(folder, "fitted"), { csv: path, label: "class", jem: true }));
    const { columns } = fitted.info.data.preprocessing as TablePreprocessing;
    expect(columns).toMatchObject(preprocessing.columns.map(({ name }) => ({ name })));
    const text = csv(10, 2);
    await writeFile(path, text);
    const { x } = await encodeTable(path, fitted.info.data.preprocessing as TablePreprocessing);
    await expectSame(fitted, deployed(text, await exportOnnx(fitted)), x);
  }, 60_000);

  test("the generator gives rows in the table's own units", async () => {
    const bytes = await exportOnnx(run, { part: "generator" });
    const { model, variables } = run.generator!;
    const mean = compile(((v: never, z: never) => model.mean(v, z, { mode: "eval" }).mean) as never) as unknown as (
      v: unknown,
      z: NdArray,
    ) => Promise<NdArray>;
    const z = new Rng(0).normal([7, 8]);
    const drawn = await mean({ params: variables.params.g, state: variables.state }, z);
    const outputs = await runModel(bytes, floats("z", z));
    const expected = Array.from({ length: 7 }, (_, i) => decodeRow(preprocessing, rows(drawn, i, 1).data));
    const [numbers, categories] = (readMetadata(bytes).values as PublishedTable).tensors;
    expect(outputs.numbers!.dims).toEqual([7, 3]);
    const given = expected.flatMap((row) => numbers!.columns.map((c) => row[c] as number));
    expect(difference(outputs.numbers!.data, given)).toBeLessThan(TOLERANCE);
    expect(outputs.categories!.data).toEqual(expected.flatMap((row) => categories!.columns.map((c) => row[c])));
  });
});

describe("architectures", () => {
  const image32 = { dataset: "cifar10" };
  const cases: readonly (readonly [string, Record<string, unknown>, readonly [number, number, number]])[] = [
    ["MLP with weight norm", { dataset: "mnist" }, [1, 28, 28]],
    ["logit scaling", { dataset: "mnist", logit: true }, [1, 28, 28]],
    ["DCGAN, unit scaling", { ...image32, unitInterval: true }, [3, 32, 32]],
    ["DCGAN with batch norm", { ...image32, norm: "batch" }, [3, 32, 32]],
    ["ResNet", { ...image32, resnet: true }, [3, 32, 32]],
    ["wide ResNet with batch norm", { ...image32, wideResnet: true, norm: "batch" }, [3, 32, 32]],
    ["wide ResNet with group norm", { ...image32, wideResnet: true, norm: "group" }, [3, 32, 32]],
  ];

  test.each(cases)("%s", async (name, flags, event) => {
    const run = await untrainedImageRun(join(folder, name), flags, event);
    const rng = new Rng(5);
    const size = event[0] * event[1] * event[2];
    const pixels = Uint8Array.from({ length: 10 * size }, () => rng.below(256));
    const shape = [10, ...event];
    const prepared = new NdArray(scalePixels(pixels, 255, run.config.scaling), shape);
    const bytes = await expectSame(run, asFloats(new NdArray(Float32Array.from(pixels), shape)), prepared);
    expect(readMetadata(bytes)).toMatchObject({ temperature: 1.5, oodThreshold: 0.25 });
    const generated = await runModel(await exportOnnx(run, { part: "generator" }), floats("z", rng.normal([2, 128])));
    expect(generated.x!.dims).toEqual([2, ...event]);
    const inside = Array.from(generated.x!.data).every((v) => v >= 0 && v <= 255);
    expect(inside).toBe(true);
  });
});

test("densities without classes have a log-density and no probabilities; a mixture has no generator", async () => {
  const flags = { dataset: "moons", maximumLikelihood: true, mogComps: 5 };
  const run = await loadRun(await trainBriefly(join(folder, "moons"), flags));
  const x = new Rng(0).normal([10, 2]);
  await expectSame(run, asFloats(x), x);
  expect(readMetadata(await exportOnnx(run))).toMatchObject({ classes: null, values: { kind: "values" } });
  await expect(exportOnnx(run, { part: "generator" })).rejects.toThrow(ExportError);
});

test("other files are refused", () => {
  expect(() => readMetadata(new Uint8Array([1, 2, 3]))).toThrow(ExportError);
});
