/** Fréchet distance, precision and recall where they are known; features of networks from files; .npy files. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeNpy } from "../../src/data/formats/npy.js";
import { DigitClassifier } from "../../src/evaluate/modes/digit-classifier.js";
import { onnxFeatures } from "../../src/evaluate/quality/features.js";
import * as g from "../../src/graph/index.js";
import { frechetDistance, frechetOfMoments } from "../../src/metrics/frechet.js";
import { moments } from "../../src/metrics/moments.js";
import { precisionRecall } from "../../src/metrics/precision-recall.js";
import { eigenSymmetric, eigenvaluesSymmetric } from "../../src/metrics/symmetric.js";
import { mnistClassifier } from "../../src/nn/index.js";
import { array, compile, integers, NdArray, Rng } from "../../src/runtime/index.js";

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "vera-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("eigenvectors", () => {
  test.each([1, 2, 3, 40])("of matrices of %i rows put them together again", (n) => {
    const rng = new Rng(n);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = rng.gaussian();
    const { values, vectors } = eigenSymmetric(a, n);
    expect(eigenvaluesSymmetric(a, n).sort().reverse()).toEqual(values); // the same arithmetic
    for (let i = 0; i < n; i++) {
      expect(i === 0 || values[i]! <= values[i - 1]!).toBe(true);
      for (let j = 0; j < n; j++) {
        let [sum, dot] = [0, 0];
        for (let k = 0; k < n; k++) {
          sum += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
          dot += vectors[i * n + k]! * vectors[j * n + k]!;
        }
        expect(sum).toBeCloseTo(a[i * n + j]!, 10);
        expect(dot).toBeCloseTo(Number(i === j), 10);
      }
    }
  });

  test("of a singular covariance, most of whose features are constant", () => {
    const [n, rank] = [100, 5];
    const rng = new Rng(n);
    const a = new Float64Array(n * n);
    for (let r = 0; r < rank; r++) {
      const row = Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? rng.gaussian() : 0));
      for (let i = 0; i < n * n; i++) a[i]! += Math.fround(row[Math.floor(i / n)]! * row[i % n]!);
    }
    const { values } = eigenSymmetric(a, n);
    const trace = a.reduce((sum, v, i) => (i % (n + 1) === 0 ? sum + v : sum), 0);
    expect(values.reduce((x, y) => x + y)).toBeCloseTo(trace, 10);
    // 32 bits of the products leave this much beside the five.
    expect(values.subarray(rank).every((v) => Math.abs(v) < 1e-6 * trace)).toBe(true);
  });

  test("of repeated eigenvalues and of matrices that are diagonal already", () => {
    const { values, vectors } = eigenSymmetric([2, 0, 0, 0, 3, 0, 0, 0, 2], 3);
    expect([...values]).toEqual([3, 2, 2]);
    expect(Math.abs(vectors[1]!)).toBe(1);
    expect(() => eigenSymmetric([1, Number.NaN, 0, 1], 2)).toThrow(RangeError);
  });
});

describe("the Fréchet distance", () => {
  test("of Gaussians with commuting covariances: Σ (m₁ - m₂)² + (s₁ - s₂)²", () => {
    const gaussian = (mean: number[], std: number[]) => ({
      mean: Float64Array.from(mean),
      covariance: Float64Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? std[i / 4]! ** 2 : 0)),
    });
    const [a, b] = [gaussian([0, 1, 2], [1, 2, 0.5]), gaussian([1, 1, 0], [1, 1, 3])];
    expect(frechetOfMoments(a, b)).toBeCloseTo(1 + 4 + 1 + 6.25, 10);
    expect(frechetOfMoments(b, a)).toBeCloseTo(12.25, 10);
    expect(frechetOfMoments(a, a)).toBeCloseTo(0, 10);
  });

  test("of covariances that do not commute: the trace of the geometric mean in two dimensions", () => {
    // tr (AB)^½ of 2 × 2 matrices is √(tr AB + 2 √det AB).
    const [a, b] = [
      [2, 1, 1, 3],
      [1, -0.5, -0.5, 0.5],
    ] as const;
    const trace = a[0] * b[0] + 2 * a[1] * b[1] + a[3] * b[3];
    const det = (a[0] * a[3] - a[1] ** 2) * (b[0] * b[3] - b[1] ** 2);
    const expected = a[0] + a[3] + b[0] + b[3] - 2 * Math.sqrt(trace + 2 * Math.sqrt(det));
    const of = (m: readonly number[]) => ({ mean: new Float64Array(2), covariance: Float64Array.from(m) });
    expect(frechetOfMoments(of(a), of(b))).toBeCloseTo(expected, 10);
  });

  test("of samples, far from the origin: moments do not cancel", async () => {
    const [a, b] = [new Rng(1).normal([4000, 2], 1000), new Rng(2).normal([4000, 2], 1001)];
    const { covariance } = await moments(a);
    expect(covariance[0]).toBeCloseTo(1, 1); // ± 0.02
    // Two means of 4000 draws differ from 1 by 0.02, so their squares' sum from 2 by 0.06: 3 times that.
    expect(Math.abs((await frechetDistance(a, b)) - 2)).toBeLessThan(0.2);
  });

  test.each([
    [30, 30],
    [12, 39],
  ])("of fewer rows than features, %i and %i of 40: as by their covariances", async (n, m) => {
    const rng = new Rng(3);
    const scales = rng.uniform([40], 0.01, 3).data;
    const rows = (count: number, mean: number) => {
      const x = rng.normal([count, 40], mean);
      return new NdArray(
        Float32Array.from(x.data, (value, i) => value * scales[i % 40]!),
        [count, 40],
      );
    };
    const [a, b] = [rows(n, 5), rows(m, 5.5)];
    const expected = frechetOfMoments(await moments(a), await moments(b));
    // Covariances in single precision: a dozen eigenvalues that are 0 come out as 1e-7 of the largest, and their roots count. Measured 1e-4.
    expect(Math.abs((await frechetDistance(a, b)) / expected - 1)).toBeLessThan(1e-3);
  });
});

describe("precision and recall", () => {
  const square = (seed: number, n: number, low: number, high: number) => new Rng(seed).uniform([n, 2], low, high);

  test("of equal, of disjoint, and of nested sets", async () => {
    const data = square(1, 800, 0, 1);
    const same = await precisionRecall(data, square(2, 800, 0, 1));
    expect(same.precision).toBeGreaterThan(0.9);
    expect(same.recall).toBeGreaterThan(0.9);
    expect(await precisionRecall(data, square(3, 800, 5, 6))).toMatchObject({ precision: 0, recall: 0 });
    // Samples that fill a quarter of the square are all like data, and cover about a quarter of it.
    const narrow = await precisionRecall(data, square(4, 800, 0, 0.5));
    expect(narrow.precision).toBeGreaterThan(0.9);
    expect(Math.abs(narrow.recall - 0.25)).toBeLessThan(0.08);
    const wide = await precisionRecall(square(4, 800, 0, 0.5), data);
    expect(wide.recall).toBeGreaterThan(0.9);
    expect(Math.abs(wide.precision - 0.25)).toBeLessThan(0.08);
  });

  test("a manifold of three points on a line, k = 1", async () => {
    // Data at 0, 1, 3: radii 1, 1, 2. Of the samples, 1.5 and 4.9 are inside, 5.1 and -1.1 are not.
    const data = array([0, 1, 3], [3, 1]);
    const { precision } = await precisionRecall(data, array([1.5, 4.9, 5.1, -1.1], [4, 1]), 1);
    expect(precision).toBe(0.5);
    await expect(precisionRecall(data, data, 3)).rejects.toThrow(RangeError);
  });
});

describe("features", () => {
  /** Averages over each channel, and the greatest value: sees resizing, channels and range. */
  const network = compile((x: g.Tensor) => g.concat([g.mean(x, [2, 3]), g.max(x, [2, 3])], 1), {
    name: "features",
    argNames: ["image"],
  });
  const preprocessing = { kind: "image", scaling: "symmetric", max: 255, source: [1, 8, 8] } as const;

  test("of an ONNX file: batches filled up, grey made colour, resized, in the range asked for", () =>
    inFolder(async (folder) => {
      const path = join(folder, "features.onnx");
      await writeFile(path, network.onnx([new NdArray(new Float32Array(2 * 3 * 16 * 16), [2, 3, 16, 16])]));
      const { features, release } = await onnxFeatures(path, { preprocessing, range: [0, 1] });
      const x = new Float32Array(5 * 64);
      for (let i = 0; i < x.length; i++) x[i] = [-1, 0, 1, 0.5, 5][Math.floor(i / 64)]!; // 5 is beyond white
      const y = await features(new NdArray(x, [5, 1, 8, 8]));
      await release();
      expect(y.shape).toEqual([5, 6]);
      // Bytes have 256 levels: 0 becomes 128 / 255.
      [0, 128 / 255, 1, 191 / 255, 1].forEach((level, i) => {
        for (let j = 0; j < 6; j++) expect(y.data[6 * i + j]).toBeCloseTo(level, 5);
      });
      await expect(onnxFeatures(join(folder, "missing.onnx"), { preprocessing })).rejects.toThrow("cannot load");
      await expect(onnxFeatures(path, { preprocessing, output: "other" })).rejects.toThrow('no output "other"');
    }));

  test("of the digit classifier are what its last layer sees; it can be saved and loaded", () =>
    inFolder(async (folder) => {
      const variables = mnistClassifier({ imageSize: 8 }).init(new Rng(1));
      const classifier = new DigitClassifier(variables, 8);
      const x = new Rng(2).uniform([4, 3, 8, 8], -1, 1);
      const features = await classifier.features(x);
      expect(features.shape).toEqual([4, 3 * 128]);
      const { weight, bias } = variables.params.fc2 as { weight: NdArray; bias: NdArray };
      const digits = await classifier.classify(x);
      for (let i = 0; i < 12; i++) {
        const h = features.data.subarray(128 * i, 128 * (i + 1));
        const logits = Array.from(bias.data, (b, k) =>
          Array.from(h).reduce((s, v, j) => s + v * weight.data[128 * k + j]!, b),
        );
        expect(logits.indexOf(Math.max(...logits))).toBe(digits[i]);
      }
      await classifier.save(join(folder, "digits.safetensors"));
      const loaded = await DigitClassifier.load(join(folder, "digits.safetensors"));
      expect([...(await loaded.classify(x))]).toEqual([...digits]);
    }));
});

describe(".npy files", () => {
  test("begin with a header of a multiple of 64 bytes that tells type and shape", () => {
    const file = encodeNpy(array([1, 2, 3, 4, 5, 6], [2, 3]));
    expect([...file.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    const length = file[8]! + 256 * file[9]!;
    expect((10 + length) % 64).toBe(0);
    const header = Buffer.from(file.subarray(10, 10 + length)).toString("latin1");
    expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/);
    expect([...new Float32Array(file.slice(10 + length).buffer)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Buffer.from(encodeNpy(integers([7]))).toString("latin1")).toContain(
      "'<i4', 'fortran_order': False, 'shape': (1,), }",
    );
  });
});
