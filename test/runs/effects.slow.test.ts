/** An option is noted as without effect exactly where the networks come out the same, bit by bit, with it and without. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CHANGES, type Changed, changedOptions, effects, type Flags } from "./effects.js";

const folder = mkdtempSync(join(tmpdir(), "vera-effects-"));
afterAll(() => rmSync(folder, { recursive: true }));
const csv = join(folder, "table.csv");
const row = (i: number) => `${[0, 1, 2].map((j) => Math.sin(7 * i + 3 * j).toFixed(3)).join()},${"ab"[i % 2]}`;
writeFileSync(csv, `x,y,z,class\n${Array.from({ length: 60 }, (_, i) => row(i)).join("\n")}\n`);

const digits = { dataset: "digits" };
const moons = { dataset: "moons", hDim: 5 };
const pictures = { dataset: "digits", imgSize: 32 };
const table = { csv, ema: 0, glr: 1e-3, minSigma: 0.005, clfWeight: 1, pgControl: 0, beta2: 0.9, entWeight: 1 };
const few = { labelsPerClass: 2 };

const RUNS: readonly Flags[] = [
  { ...digits },
  { ...digits, generatorType: "vera", entWeight: 0 },
  { ...digits, generatorType: "laplace" },
  { ...digits, jem: true },
  { ...digits, ...few },
  { ...digits, ...few, consistency: 2 },
  { ...digits, clfOnly: true },
  { ...digits, clfOnly: true, ...few },
  { ...digits, jem: true, outerWeight: 1, pgControl: 0.5 },
  { ...digits, clfOnly: true, ...few, outerWeight: 1 },
  { ...digits, vat: true },
  { ...digits, vat: true, ...few },
  { ...digits, jemBaseline: true, outerWeight: 1 },
  { ...digits, jemBaseline: true, jem: true },
  { ...digits, jemBaseline: true, ...few },
  { ...digits, energyDiscrepancy: true },
  { ...digits, energyDiscrepancy: true, jem: true },
  { ...digits, energyDiscrepancy: true, ...few },
  { ...digits, base: "gaussian", baseOnly: true },
  { ...digits, base: "gaussian", baseOnly: true, jem: true },
  { ...digits, base: "gaussian", baseOnly: true, ...few },
  { ...moons },
  { ...moons, mogComps: 3 },
  { ...moons, mogComps: 3, maximumLikelihood: true },
  { ...moons, mogComps: 3, ssm: true },
  { ...moons, mogComps: 3, jemBaseline: true },
  { ...moons, nice: true, maximumLikelihood: true },
  { ...moons, base: "gaussian", baseOnly: true },
  { ...pictures, jem: true },
  { ...pictures, mogComps: 3 },
  { ...pictures, jem: true, classNetwork: "small-resnet" },
  { ...pictures, jem: true, classNetwork: "small-resnet", densityClfWeight: 1 },
  { ...pictures, jem: true, smallResnet: true, norm: "batch", schedule: "cosine", pgControl: 0.2, outerWeight: 1 },
  { ...pictures, entWeight: 0, norm: "batch" },
  { ...pictures, jemBaseline: true, jem: true, norm: "batch" },
  { ...pictures, vat: true, norm: "batch" },
  { ...pictures, clfOnly: true, norm: "batch" },
  { ...pictures, clfOnly: true, norm: "batch", pgControl: 0.2 },
  { ...pictures, clfOnly: true, ...few, norm: "batch" },
  { ...table },
  { ...table, label: "class", vera: true, jem: true },
  { ...table, label: "class", vat: true, ...few },
  { ...table, label: "class", jem: true },
];

/**
 * `--norm` and `--class-network` are refused for networks of small images, points and tables, `--consistency` for points and tables,
 * `--posterior-batch-norm sample` for a generator that is taken for linear; what a run has already changes nothing.
 */
const optionsOf = (run: Flags): Changed[] =>
  changedOptions.filter(
    (name) =>
      (name !== "norm" || (run.imgSize === 32 && run.norm === undefined)) &&
      (name !== "posteriorBatchNorm" || run.generatorType !== "laplace") &&
      (name !== "consistency" || run.dataset === "digits") &&
      (name !== "classNetwork" || run.dataset !== "digits" || run.imgSize === 32) &&
      run[name] !== CHANGES[name],
  );

describe.each(RUNS.map((run) => [JSON.stringify(run).replace(csv, "table.csv"), run] as const))("%s", (_, run) => {
  test("what is noted is what has no effect", { timeout: 600_000 }, async () => {
    const { unchanged, noted } = await effects(run, optionsOf(run));
    expect(noted).toEqual(unchanged);
  });
});
