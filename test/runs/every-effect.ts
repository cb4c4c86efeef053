/** An option is noted as without effect exactly where the networks come out the same, bit by bit, with it and without. */
import { describe, expect, test } from "vitest";
import { CHANGES, type Changed, changedOptions, effects, type Flags } from "./effects.js";

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

/** A test for each run: every option against what is noted of it. */
export function describeEffects(runs: readonly Flags[]): void {
  describe.each(runs.map((run) => [JSON.stringify(run).replace(/"[^"]*\/table\.csv"/, '"table.csv"'), run] as const))(
    "%s",
    (_, run) => {
      test("what is noted is what has no effect", { timeout: 600_000 }, async () => {
        const { unchanged, noted } = await effects(run, optionsOf(run));
        expect(noted).toEqual(unchanged);
      });
    },
  );
}
