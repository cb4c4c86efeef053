/** An option is noted as without effect exactly where the networks come out the same, bit by bit, with it and without. */
import { describe, expect, test } from "vitest";
import { CHANGES, type Changed, changedOptions, effects, type Flags } from "./effects.js";

/** Each run tries one in so many of the options, the next run the ones after, always the same: 1 for every option in every run. */
const EVERY = Number(process.env.EVERY ?? 3);

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

/** A test for each run: its options against what is noted of them. */
export function describeEffects(runs: readonly Flags[]): void {
  const named = runs.map(
    (run, i) => [JSON.stringify(run).replace(/"[^"]*\/table\.csv"/, '"table.csv"'), run, i] as const,
  );
  describe.each(named)("%s", (_, run, i) => {
    test("what is noted is what has no effect", { timeout: 600_000 }, async () => {
      const tried = optionsOf(run).filter((_, option) => (option + i) % EVERY === 0);
      const { unchanged, noted } = await effects(run, tried);
      expect(noted).toEqual(unchanged);
    });
  });
}
