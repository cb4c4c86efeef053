/** As steps.test.ts, of the largest networks. */
import { describe, test } from "vitest";
import { compute, LARGE, recordedCases } from "./cases.js";
import { expectAgreement } from "./compare.js";

const CASES = recordedCases();

describe.each(LARGE)("%s", (name) => {
  test("trains as the original does", async () => {
    expectAgreement(await compute(name, CASES[name]!), CASES[name]!);
  });
});
