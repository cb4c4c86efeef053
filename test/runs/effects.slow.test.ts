/** Effects of all options in runs of points, tables and the 8×8 digits. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Flags } from "./effects.js";
import { describeEffects } from "./every-effect.js";

const folder = mkdtempSync(join(tmpdir(), "vera-effects-"));
afterAll(() => rmSync(folder, { recursive: true }));
const csv = join(folder, "table.csv");
const row = (i: number) => `${[0, 1, 2].map((j) => Math.sin(7 * i + 3 * j).toFixed(3)).join()},${"ab"[i % 2]}`;
writeFileSync(csv, `x,y,z,class\n${Array.from({ length: 60 }, (_, i) => row(i)).join("\n")}\n`);

const digits = { dataset: "digits" };
const moons = { dataset: "moons", hDim: 5 };
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
  { ...moons, base: "gaussian", baseOnly: true },
  { ...table },
  { ...table, label: "class", vera: true, jem: true },
  { ...table, label: "class", vat: true, ...few },
  { ...table, label: "class", jem: true },
];

describeEffects(RUNS);
