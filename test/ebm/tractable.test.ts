/** Models with a known likelihood: they integrate to one, and their samples have their density. */
import { expect, test } from "vitest";
import { mixtureOfGaussians, nice, type TractableModel } from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import { logPartition, planeGrid } from "../../src/metrics/index.js";
import type { Dict, Variables } from "../../src/nn/index.js";
import { compile, isArray, NdArray, Rng } from "../../src/runtime/index.js";

const perturbed = (model: TractableModel, rng: Rng): Variables<NdArray> => {
  const { params, state } = model.init(rng);
  const jitter = (x: NdArray) =>
    new NdArray(
      (x.data as Float32Array).map((v) => v + 0.3 * rng.gaussian()),
      x.shape,
    );
  return { params: g.mapTree<unknown, NdArray, NdArray>(params, isArray, jitter) as Dict<NdArray>, state };
};

const models: [string, TractableModel][] = [
  ["mixture of Gaussians", mixtureOfGaussians([2], 3)],
  ["NICE, 5 layers", nice([2], { hidden: 8 })],
  ["NICE, 2 layers", nice([2], { hidden: 8, layers: 2 })],
];

test.each(models)("%s integrates to one and samples itself", async (_, model) => {
  const rng = new Rng(5);
  const variables = perturbed(model, rng);
  const evaluate = compile(
    (v: Variables<g.Tensor>, x: g.Tensor) => model.evaluate(v as never, x, { mode: "eval" }).logDensity,
  );
  const sample = compile((v: Variables<g.Tensor>, noise: Dict<g.Tensor>) => model.sample(v as never, noise));
  const grid = planeGrid(15, 600);
  const onGrid = await evaluate(variables as never, grid.points);
  // Midpoint rule with cells of 0.05: far below 1e-3 for densities with scales around 1.
  expect(logPartition(grid, onGrid.data)).toBeCloseTo(0, 3);

  // The mean log-density of samples is the negative entropy, integrated on the grid.
  const cell = (30 / 600) ** 2;
  const entropy = Array.from(onGrid.data).reduce((s, l) => s + cell * Math.exp(l) * l, 0);
  const drawn = await sample(variables as never, model.noise(20_000, rng) as never);
  const logDensity = (await evaluate(variables as never, drawn)).data as Float32Array;
  const mean = logDensity.reduce((a, b) => a + b, 0) / 20_000;
  const sd = Math.sqrt(logDensity.reduce((a, b) => a + (b - mean) ** 2, 0) / 20_000);
  expect(Math.abs(mean - entropy)).toBeLessThan((4 * sd) / Math.sqrt(20_000) + 1e-3); // four standard errors
});
