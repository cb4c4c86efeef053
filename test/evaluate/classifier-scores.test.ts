/** Scores of a classifier alone: the largest logit, ODIN, Mahalanobis' distance of features. */
import { describe, expect, test } from "vitest";
import { allRows, type Dataset, FloatSplit } from "../../src/data/index.js";
import { networkEnergy } from "../../src/ebm/index.js";
import { ClassGaussians, classGaussians } from "../../src/evaluate/outliers/class-gaussians.js";
import { availableScores, noScores, prepareScores } from "../../src/evaluate/outliers/prepare-scores.js";
import { scoresOf } from "../../src/evaluate/outliers/scores.js";
import { softmaxRows } from "../../src/metrics/index.js";
import * as nn from "../../src/nn/index.js";
import type { TrainConfig, TrainedRun } from "../../src/runs/index.js";
import { array, NdArray, Rng } from "../../src/runtime/index.js";
import { Probe } from "../../src/score/probe.js";
import { linearRun, rowsOf } from "../runs/linear-run.js";

const refinement = { steps: 1, stepSize: 1, std: 0 };

/** Two features and three classes, in a network that is no linear function; `features` 8 wide. */
function network(scale = 1): TrainedRun {
  const closed = linearRun({ weight: [[0, 0]], bias: [0], classes: null });
  const module = nn.toyEbm({ hidden: 8, outputs: 3 });
  const { params } = module.init(new Rng(5));
  const scaled = Object.fromEntries(
    Object.entries(params).map(([name, layer]) => {
      const { weight, bias } = layer as Record<string, NdArray>;
      return [
        name,
        {
          weight: new NdArray(
            weight!.data.map((v) => scale * v),
            weight!.shape,
          ),
          bias: bias!,
        },
      ];
    }),
  );
  return { ...closed, model: networkEnergy(module, 3), variables: { params: scaled, state: {} } };
}

test("maxlogit is the largest logit", async () => {
  const run = linearRun({
    weight: [
      [1, 0],
      [0, 2],
      [0, 0],
    ],
    bias: [0, 0, 1],
    classes: 3,
  });
  const x = rowsOf(
    array([
      [5, 1],
      [0, 3],
      [-1, -1],
    ]),
  );
  const { maxlogit } = await scoresOf(new Probe(run), x, ["maxlogit"], { refinement });
  expect([...maxlogit!]).toEqual([5, 6, 1]);
});

describe("ODIN", () => {
  const STEP = 0.0014;
  const T = 1000;

  test("moves along the sign of the finite differences of the largest probability's logarithm", async () => {
    const probe = new Probe(network(3));
    const x = new Rng(6).normal([40, 2]);
    const certainty = async (at: NdArray) => {
      const p = softmaxRows((await probe.predict(at)).logits!, 3, T);
      return Float64Array.from({ length: 40 }, (_, i) => Math.log(Math.max(p[3 * i]!, p[3 * i + 1]!, p[3 * i + 2]!)));
    };
    const moved = await probe.nudge(x, { temperature: T, step: 0.25 });
    let compared = 0;
    for (const j of [0, 1]) {
      const by = (h: number) =>
        new NdArray(
          Float32Array.from(x.data, (v, i) => (i % 2 === j ? v + h : v)),
          x.shape,
        );
      const [up, down] = [await certainty(by(1e-3)), await certainty(by(-1e-3))];
      up.forEach((v, i) => {
        const slope = v - down[i]!;
        if (Math.abs(slope) < 1e-8) return; // below it the logits' 32 bits decide, or a kink of the network
        expect(moved.data[2 * i + j]! - x.data[2 * i + j]!).toBeCloseTo(0.25 * Math.sign(slope), 5);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(70);
  });

  test("scores by the probability after that step, at the same temperature", async () => {
    // Of two classes, z = (x1 + 2 x2, 0): for the first, the step is up in both; for the second, down.
    const probe = new Probe(
      linearRun({
        weight: [
          [1, 2],
          [0, 0],
        ],
        bias: [0, 0],
        classes: 2,
      }),
    );
    const { odin } = await scoresOf(
      probe,
      rowsOf(
        array([
          [3, 1],
          [-1, -1],
        ]),
      ),
      ["odin"],
      { refinement },
    );
    const expected = (z: number) => Math.log(2 / (1 + Math.exp(-z / T)));
    // Logits of 5 in 32 bits: 5e-7 of the logit are 2e-10 of the score.
    expect(odin![0]).toBeCloseTo(expected(5 + 3 * STEP), 8);
    expect(odin![1]).toBeCloseTo(expected(3 + 3 * STEP), 8);
    expect(expected(5 + 3 * STEP) - expected(5)).toBeGreaterThan(1e-6); // the step counts
  });

  test("of pixels, the step is a share of their range", async () => {
    const preprocessing = { kind: "image", scaling: "symmetric", max: 255, source: null } as const;
    const probe = new Probe(
      linearRun({
        weight: [
          [1, 2],
          [0, 0],
        ],
        bias: [0, 0],
        classes: 2,
        preprocessing,
      }),
    );
    const { odin } = await scoresOf(probe, rowsOf(array([[3, 1]])), ["odin"], { refinement });
    expect(odin![0]).toBeCloseTo(Math.log(2 / (1 + Math.exp(-(5 + 6 * STEP) / T))), 8);
  });
});

describe("the classes' Gaussians", () => {
  test("by hand: two classes that spread alike, in two dimensions", async () => {
    // About their means (1, 0) and (0, 5): (∓1, 0) and (0, ∓1). Σ = diag(½, ½), with a thousandth of ½ on the diagonal.
    const fitted = await ClassGaussians.fit(
      array([
        [0, 0],
        [2, 0],
        [0, 4],
        [0, 6],
      ]),
      Int32Array.of(0, 0, 1, 1),
    );
    const variance = 0.5 * 1.001;
    const score = fitted.score(
      array([
        [1, 1],
        [0, 4],
        [1, 0],
      ]),
    );
    [1 / variance, 1 / variance, 0].forEach((squares, i) => {
      expect(score[i]).toBeCloseTo(-squares, 5);
    });
  });

  test("by hand: features that vary together, and a class without rows", async () => {
    // One class about (0, 0): (±2, ±1), (±1, ±2). Σ = [[2.5, 2], [2, 2.5]], with 0.0025 more on the diagonal.
    const rows = array([
      [2, 1],
      [-2, -1],
      [1, 2],
      [-1, -2],
    ]);
    const [a, b] = [2.5025, 2];
    const distance = (x: number, y: number) => (a * x * x - 2 * b * x * y + a * y * y) / (a * a - b * b);
    const score = (await ClassGaussians.fit(rows, new Int32Array(4).fill(7))).score(
      array([
        [1, 1],
        [1, -1],
      ]),
    );
    // The second is as near by Euclid, and far by Mahalanobis.
    expect(score[0]).toBeCloseTo(-distance(1, 1), 4);
    expect(score[1]).toBeCloseTo(-distance(1, -1), 4);
  });

  test("large features lose no digits", async () => {
    const rng = new Rng(1);
    const rows = rng.normal([200, 3]);
    const y = Int32Array.from({ length: 200 }, (_, i) => i % 2);
    const far = new NdArray(
      rows.data.map((v) => v + 4096),
      rows.shape,
    );
    const [near, moved] = [await ClassGaussians.fit(rows, y), await ClassGaussians.fit(far, y)];
    const [expected, found] = [near.score(rows), moved.score(far)];
    // At 4096, 32 bits resolve 5e-4 of a deviation of 1; squares of up to 4 deviations then differ by 8 × 5e-4.
    expected.forEach((v, i) => {
      expect(Math.abs(found[i]! - v)).toBeLessThan(0.02);
    });
  });

  test("are fitted to the features of labelled training rows, maps by their means", async () => {
    const probe = new Probe(network());
    const x = new Rng(8).normal([probe.batchSize + 30, 2]);
    const y = Int32Array.from({ length: x.shape[0]! }, (_, i) => (i % 4) - 1);
    const own = dataset(x, y);
    const known = new NdArray(
      Float32Array.from(x.data).filter((_, i) => y[Math.floor(i / 2)]! >= 0),
      [y.filter((k) => k >= 0).length, 2],
    );
    const gaussians = await classGaussians(withConfig(probe, { labels: "all" }), own, 0);
    const byHand = await ClassGaussians.fit(
      await probe.features(known),
      y.filter((k) => k >= 0),
    );
    const { mahalanobis } = await scoresOf(probe, rowsOf(x), ["mahalanobis"], { refinement, gaussians });
    byHand.score(await probe.features(x)).forEach((v, i) => {
      expect(Math.abs(mahalanobis![i]! - v)).toBeLessThan(1e-3 * Math.max(1, Math.abs(v))); // features in 32 bits
    });
    await expect(scoresOf(probe, rowsOf(x), ["mahalanobis"], { refinement })).rejects.toThrow(
      "takes the classes' Gaussians",
    );
  });
});

/** A data set of these rows, all of them for training. */
function dataset(x: NdArray, y: Int32Array): Dataset {
  const train = new FloatSplit(x.data as Float32Array, x.shape.slice(1), allRows(x.shape[0]!), y);
  const none = train.subset([]);
  const classes = ["a", "b", "c"];
  return { name: "closed", classes, splits: { train, validation: none, test: none } } as unknown as Dataset;
}

const withConfig = (probe: Probe, config: Partial<TrainConfig>): Probe =>
  new Probe({ ...probe.run, config: { ...probe.run.config, ...config } });

describe("which scores there are", () => {
  const all = ["px", "py", "maxlogit", "odin", "mahalanobis"] as const;
  const own = dataset(
    new Rng(0).normal([30, 2]),
    Int32Array.from({ length: 30 }, (_, i) => i % 3),
  );

  test("without classes, none that needs them", () => {
    const bowl = new Probe(linearRun({ weight: [[0, 0]], bias: [0], classes: null }));
    expect(availableScores(bowl, own, all)).toEqual({ scores: ["px"], notes: [] });
    expect(noScores(bowl, own, ["py", "odin"])).toMatch(/of classes, and the model has none/);
    expect(noScores(bowl, own, all)).toBeNull();
  });

  test("without features, or data to fit them to, no distance, which is said", () => {
    const linear = new Probe(
      linearRun({
        weight: [
          [1, 0],
          [0, 1],
        ],
        bias: [0, 0],
        classes: 2,
      }),
    );
    expect(availableScores(linear, own, all)).toEqual({
      scores: ["px", "py", "maxlogit", "odin"],
      notes: ["without the score mahalanobis: the model does not say what its last layer sees"],
    });
    expect(noScores(linear, own, ["mahalanobis"])).toMatch(/last layer/);
    expect(availableScores(new Probe(network()), null, all).notes[0]).toMatch(/training data, which are not there/);
  });

  test("of few labels, those that the run learned", async () => {
    const config = { labels: "few", labelsPerClass: 2, seed: 4 } as const;
    const probe = withConfig(new Probe(network()), config);
    const few = await prepareScores(probe, own, all, 0);
    expect(few.scores).toEqual(all);
    const rows = own.splits.train;
    const { labelledRows } = await import("../../src/runs/setup/source.js");
    const learned = labelledRows(config, own);
    expect(learned.size).toBe(6);
    const byHand = await ClassGaussians.fit(await probe.features(learned.x(allRows(6))), learned.y!);
    expect([...few.gaussians!.score(await probe.features(rows.x([0, 1, 2])))]).toEqual([
      ...byHand.score(await probe.features(rows.x([0, 1, 2]))),
    ]);
  });
});
