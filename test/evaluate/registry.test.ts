import { describe, expect, test } from "vitest";
import { OWN_OPTIONS } from "../../src/cli/eval-options.js";
import { EVALUATION_GROUPS, EVALUATIONS } from "../../src/evaluate/registry.js";
import { ConfigError } from "../../src/runs/config/index.js";

describe("the registry of evaluations", () => {
  test("names, and options of different groups, are different", () => {
    const names = EVALUATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const options = [OWN_OPTIONS, ...EVALUATION_GROUPS.map((group) => group.options)].flatMap((o) => Object.keys(o));
    expect(options.filter((name, i) => options.indexOf(name) !== i)).toEqual([]);
  });

  test("every evaluation loads, with defaults for all that it takes", async () => {
    for (const entry of EVALUATIONS) {
      const evaluation = await entry.with({}).load();
      expect(typeof evaluation.run, entry.name).toBe("function");
    }
  });

  test("settings are checked before anything is loaded", () => {
    const named = (name: string) => EVALUATIONS.find((entry) => entry.name === name)!;
    const wrong = [
      ["ood", { scores: ["px", "pz"] }, "--scores takes px, py, pxgrad, maxlogit, odin, mahalanobis, refine"],
      ["estimator", { posteriorSamples: [1.5] }, "--posterior-samples takes whole numbers, not [1.5]"],
      ["attacks", { restarts: 0 }, "--restarts"],
    ] as const;
    for (const [name, given, message] of wrong) {
      expect(() => named(name).with(given)).toThrow(ConfigError);
      expect(() => named(name).with(given)).toThrow(message);
    }
    expect(named("ood").with({ baseline: "runs/other" }).beside).toBe("runs/other");
    expect(named("histograms").with({ baseline: "runs/other" }).beside).toBeNull();
  });
});
