/**
 * Training against the original's train.py, as record.py recorded it: the same arguments, weights, data and noise give the same losses,
 * gradients, updates and running statistics.
 */
import { describe, expect, test } from "vitest";
import { compute, LARGE, recordedCases } from "./cases.js";
import { differences, expectAgreement } from "./compare.js";

const CASES = recordedCases();

describe.each(Object.keys(CASES).filter((name) => !LARGE.includes(name)))("%s", (name) => {
  test("trains as the original does", async () => {
    expectAgreement(await compute(name, CASES[name]!), CASES[name]!);
  });
});

describe("the comparison can fail", () => {
  const off = async (name: string, more: Record<string, unknown>) =>
    differences(await compute(name, CASES[name]!, more), CASES[name]!);

  test("running statistics and the posterior's own are this project's by default", async () => {
    const { buffers, losses } = await off("toy", { posteriorBatchNorm: "frozen" });
    expect(buffers).toBeGreaterThan(0.1);
    expect(losses[0]).toBeGreaterThan(1e-3);
  });

  test("an argument that differs is seen", async () => {
    const recorded = CASES.toy!;
    const args = { ...recorded.args, pg_control: 0.101 };
    const { losses, squares } = differences(await compute("toy", { ...recorded, args }), recorded);
    expect(losses[0]).toBeGreaterThan(1e-4);
    expect(squares).toBeGreaterThan(1e-3);
  });
});
