/** Terms of the loss that are said to be without effect have none, and the others have one. All options in all modes: the slow suite. */
import { describe, expect, test } from "vitest";
import { type Changed, effects, type Flags } from "./effects.js";

const WEIGHTS = [
  "clfWeight",
  "clfEntWeight",
  "pControl",
  "nControl",
  "pgControl",
] as const satisfies readonly Changed[];

describe.each<[Flags, readonly string[]]>([
  [{ jem: true }, ["clfEntWeight"]],
  [{ clfOnly: true }, ["clfEntWeight", "pControl", "nControl"]],
  [{ vat: true, labelsPerClass: 2 }, ["pControl", "nControl", "pgControl"]],
  [{ jemBaseline: true, jem: true }, ["clfEntWeight"]],
  [{ jemBaseline: true, labelsPerClass: 2 }, []],
])("%j", (mode, expected) => {
  test(`leaves alone: ${expected.join(", ") || "nothing"}`, async () => {
    const { unchanged, noted } = await effects({ dataset: "digits", ...mode }, WEIGHTS);
    expect(unchanged).toEqual(expected);
    expect(noted).toEqual(expected);
  });
});
