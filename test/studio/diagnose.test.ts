/** What numbers are said to mean. */
import { expect, test } from "vitest";
import { diagnose } from "../../src/studio/runs/diagnose.js";

const VALUES = { minSigma: 0.01, maxSigma: 0.3, entWeight: 1e-4, clfWeight: 1, posteriorSamples: 20 };

const say = (courses: Readonly<Record<string, readonly number[]>>, isDone = false) =>
  diagnose({ values: VALUES, isDone, course: (name) => courses[name] ?? [], warnings: [] }).map(
    ({ level, title, advice }) => `${level}: ${title}${advice === null ? "" : " +"}`,
  );

const f = (data: number, samples: number, spread: number) => ({
  "train/f_data": [data],
  "train/f_samples": [samples],
  "train/f_spread": [spread],
});
const steady = (value: number, count = 30) => Array.from({ length: count }, () => value);

test.each<[said: string[], courses: Record<string, readonly number[]>, isDone?: boolean]>([
  [[], {}],
  [["good: Data and samples are close"], f(1, 2, 1)],
  [
    ["warning: f has run away +"],
    { "train/f_data": [1, 3e6], "train/f_samples": [1, 8e5], "train/f_spread": [...steady(1), 1e6] },
  ],
  [["note: f of data and of samples are apart +"], f(1, 5.5, 1)],
  [["warning: f of data and of samples are apart +"], f(1, 10, 1)],
  [[], f(1, 10, 0)],
  [["warning: Gradients grow +"], { "train/loss_gradient_penalty": [...steady(1), ...steady(50, 10)] }],
  [[], { "train/loss_gradient_penalty": [...steady(1), ...steady(5, 10)] }],
  [["note: σ is at its least +"], { "train/sigma": [0.2, 0.01] }],
  [["warning: σ is at its greatest +"], { "train/sigma": [0.3] }],
  [[], { "train/sigma": [0.1] }],
  [["good: Posterior samples share the weight"], { "train/posterior_ess": [12] }],
  [["note: Few posterior samples count"], { "train/posterior_ess": [1.2] }],
  [["warning: One posterior sample has all the weight +"], { "train/posterior_ess": [1.0001] }],
  [["warning: Chains hardly move +"], { "figure/acceptance_input": [0.9, 0.05] }],
  [[], { "figure/acceptance_input": [0.9] }],
  [["good: All classes are drawn"], { "validation/sample_classes_missing": [2, 0] }],
  [["warning: 1 class is missing among samples +"], { "validation/sample_classes_missing": [1] }],
  [["warning: 3 classes are missing among samples +"], { "validation/sample_classes_missing": [3] }],
  [
    ["warning: The density is behind Mahalanobis' distance +"],
    {
      "test/ood_auroc_uniform": [0.8],
      "test/ood_auroc_uniform_mahalanobis": [0.9],
      "test/ood_auroc_uniform_knn": [0.85],
    },
  ],
  [[], { "test/ood_auroc_uniform": [0.9], "test/ood_auroc_uniform_mahalanobis": [0.91] }],
  [["warning: accuracy has fallen +"], { "validation/accuracy": [0.5, 0.8, 0.9, 0.7] }],
  [[], { "validation/accuracy": [0.5, 0.9, 0.9, 0.895] }],
  [["note: It still improves"], { "validation/accuracy": [0.5, 0.6, 0.7, 0.8, 0.9, 0.95] }],
  [["note: It still improved at its end +"], { "validation/log_likelihood": [-9, -8, -7, -6, -5, -4] }, true],
  [[], { "validation/log_likelihood": steady(-3) }],
])("%j", (said, courses, isDone) => expect(say(courses, isDone)).toEqual(said));

test("what training told is left out where the numbers still say it, and kept where they no longer do", () => {
  const warnings = [{ sign: "sigma-greatest", text: "warning: σ is held: too wide; try a lower --ent-weight" }];
  const titles = (sigma: number) =>
    diagnose({ values: VALUES, isDone: false, course: (name) => (name === "train/sigma" ? [sigma] : []), warnings });
  expect(titles(0.3).map(({ title }) => title)).toEqual(["σ is at its greatest"]);
  expect(titles(0.1)).toMatchObject([
    { title: "σ was held at its greatest", text: "σ is held: too wide", advice: "try a lower --ent-weight" },
  ]);
});

test("σ at a bound that was drawn closer on purpose, as by quickstart, is no sign", () => {
  const said = (values: object, sigma: number) =>
    diagnose({
      values: { ...VALUES, ...values },
      isDone: false,
      course: (name) => (name === "train/sigma" ? [sigma] : []),
      warnings: [],
    });
  expect(said({ maxSigma: 0.05 }, 0.05)).toEqual([]);
  expect(said({ minSigma: 0.05 }, 0.05)).toEqual([]);
  expect(said({ maxSigma: 0.5 }, 0.5)).toMatchObject([{ title: "σ is at its greatest" }]);
});
