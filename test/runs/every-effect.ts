/** An option is noted as without effect exactly where the networks come out the same, bit by bit, with it and without. */
import { describe, expect, test } from "vitest";
import { CHANGES, type Changed, changedOptions, effects, type Flags, isNoted } from "./effects.js";

/** Of the runs in which an option is said to have an effect, and of those in which not, it is tried in the first and one in so many: 1 for all. */
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
  const met = new Map<string, number>();
  const isTried = (run: Flags, name: Changed): boolean => {
    const which = `${name}, ${isNoted(run, name)}`;
    const before = met.get(which) ?? 0;
    met.set(which, before + 1);
    return before % EVERY === 0;
  };
  const named = runs.map(
    (run) =>
      [
        JSON.stringify(run).replace(/"[^"]*\/table\.csv"/, '"table.csv"'),
        run,
        optionsOf(run).filter((name) => isTried(run, name)),
      ] as const,
  );
  describe.each(named)("%s", (_, run, tried) => {
    test("what is noted is what has no effect", { timeout: 600_000 }, async () => {
      const { unchanged, noted } = await effects(run, tried);
      expect(noted).toEqual(unchanged);
    });
  });
}
