/** Terms of the loss that are said to be without effect have none, and the others have one. All options in all modes: the slow suite. */
import { describe, expect, test } from "vitest";
import { type Changed, effects, type Flags } from "./effects.js";

const WEIGHTS = [
  "clfWeight",
  "clfEntWeight",
  "consistency",
  "confidence",
  "pControl",
  "nControl",
  "pgControl",
] as const satisfies readonly Changed[];

describe.each<[Flags, readonly string[]]>([
  [{ jem: true }, ["clfEntWeight", "consistency", "confidence"]],
  [{ clfOnly: true }, ["clfEntWeight", "consistency", "confidence", "pControl", "nControl"]],
  [{ vat: true, labelsPerClass: 2 }, ["confidence", "pControl", "nControl", "pgControl"]],
  [{ jemBaseline: true, jem: true }, ["clfEntWeight", "consistency", "confidence"]],
  [{ jemBaseline: true, labelsPerClass: 2 }, ["confidence"]],
  [{ clfOnly: true, labelsPerClass: 2, consistency: 2 }, ["clfEntWeight", "pControl", "nControl"]],
])("%j", (mode, expected) => {
  test(`leaves alone: ${expected.join(", ") || "nothing"}`, async () => {
    const { unchanged, noted } = await effects({ dataset: "digits", ...mode }, WEIGHTS);
    expect(unchanged).toEqual(expected);
    expect(noted).toEqual(expected);
  });
});
