/** The example scripts run, and print what their comments promise. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

async function output(name: string): Promise<string> {
  const script = fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
  return stdout;
}

/** The numbers that follow a word, up to the end of the line or a semicolon. */
function numbersAfter(text: string, word: string): number[] {
  const found = new RegExp(`${word}([^;\\n]*)`).exec(text);
  if (found === null) throw new Error(`no "${word}" in ${text}`);
  return [...found[1]!.matchAll(/-?\d+(\.\d+)?/g)].map(([number]) => Number(number));
}

describe.sequential("examples", () => {
  test("custom: the log-density is highest on the ring", async () => {
    const text = await output("custom");
    const f = (place: string) => numbersAfter(text, place)[0]!;
    expect(f("on the ring")).toBeGreaterThan(f("outside") + 2);
    expect(f("on the ring")).toBeGreaterThan(f("in the middle") + 2);
  });

  test("few-labels: the outlier alone is flagged, but for false alarms", async () => {
    const text = await output("few-labels");
    expect(Number(/(\d+) of 200 new rows are classified rightly/.exec(text)![1])).toBeGreaterThan(190);
    const flagged = [...text.matchAll(/line (\d+): unlike/g)].map(([, line]) => Number(line));
    expect(flagged).toContain(202);
    expect(flagged.length).toBeLessThan(10); // some 1 % of 200 rows are expected beside it
  });

  test("score-matching: means and scales are those of the data", async () => {
    const text = await output("score-matching");
    const close = (actual: number[], expected: number[]) =>
      expected.forEach((v, i) => {
        expect(Math.abs(actual[i]! - v)).toBeLessThan(0.15);
      });
    close(numbersAfter(text, "mean"), [1, -2]);
    close(numbersAfter(text, "scale"), [0.5, 2]);
  });

  test("sampler: moments, acceptance and R̂ are as expected", async () => {
    const text = await output("sampler");
    const expected = { x0: [0, 1], x1: [0.5, 1.225] };
    for (const [name, [mean, std]] of Object.entries(expected)) {
      const row = new RegExp(`${name}: (.*)`).exec(text)![1]!;
      expect(Math.abs(numbersAfter(row, "mean")[0]! - mean!)).toBeLessThan(0.1);
      expect(Math.abs(numbersAfter(row, "std")[0]! - std!)).toBeLessThan(0.1);
      expect(numbersAfter(row, "R̂")[0]).toBeLessThan(1.05);
    }
    expect(Math.abs(numbersAfter(text, "acceptance")[0]! - 0.57)).toBeLessThan(0.1);
  });
});
