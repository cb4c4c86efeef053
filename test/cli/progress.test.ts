/** Progress on a terminal and in a file. */
import { describe, expect, test } from "vitest";
import { formatDuration, formatRate, ProgressDisplay } from "../../src/cli/progress.js";

/** A display with a clock set by hand, and what it wrote. */
function display(interval: number, terminal: { isTTY?: boolean; columns?: number } = {}) {
  let time = 0;
  let text = "";
  const output = { ...terminal, write: (s: string) => (text += s) };
  const progress = new ProgressDisplay(output, { interval, now: () => time });
  return {
    progress,
    at(ms: number, iteration: number, metrics: Record<string, number> = {}) {
      time = ms;
      progress.update({ iteration, iterations: 1000, epoch: Math.floor(iteration / 100), metrics });
    },
    text: () => text,
    lines: () => text.split("\n").filter(Boolean),
  };
}

describe("plain lines", () => {
  test("one whenever the interval is passed, and one at the end", () => {
    const d = display(400);
    for (let i = 10; i <= 1000; i += 30) d.at(i * 10, i, { loss: i / 3 });
    expect(d.lines().map((line) => line.trim().split(" ")[0])).toEqual(["400/1000", "820/1000", "1000/1000"]);
  });

  test("rate, time left, epoch and the latest of every metric", () => {
    const d = display(100);
    d.at(0, 50, { accuracy: 0.5 });
    d.at(500, 100, { loss: 1.23456 });
    expect(d.lines()).toEqual([" 100/1000  100 it/s  9s left  epoch 1  accuracy 0.5  loss 1.235"]);
  });

  test("a resumed run's rate counts from where it resumed", () => {
    const d = display(1);
    d.at(0, 900);
    d.at(1000, 910);
    expect(d.lines().at(-1)).toContain("10 it/s  9s left");
  });

  test("an interval of 0 says nothing, messages are lines", () => {
    const d = display(0);
    for (let i = 1; i <= 1000; i += 111) d.at(i, i);
    d.progress.message("saved");
    d.progress.end();
    expect(d.text()).toBe("saved\n");
  });
});

describe("the bar", () => {
  test("is redrawn in place, not too often, within the width of the terminal", () => {
    const d = display(0, { isTTY: true, columns: 40 });
    d.at(0, 0);
    d.at(50, 250);
    d.at(100, 500);
    const bars = d.text().split("\r").slice(1);
    expect(bars).toHaveLength(2);
    for (const bar of bars) {
      expect(bar.endsWith("\x1b[K")).toBe(true);
      expect(bar.replace("\x1b[K", "").length).toBeLessThan(40);
    }
    expect(bars[1]!.startsWith("━━━━━━━━━━──────────  500/1000")).toBe(true);
  });

  test("a terminal that does not know its width is taken for 80 columns", () => {
    const d = display(0, { isTTY: true, columns: 0 });
    d.at(0, 1, { a_metric_with_a_long_name: 1, another_metric_with_a_long_name: 2 });
    expect(d.text().replaceAll("\r", "").replaceAll("\x1b[K", "")).toHaveLength(79);
  });

  test("messages go above it, and the end leaves it full", () => {
    const d = display(0, { isTTY: true });
    d.at(0, 999);
    d.progress.message("saved");
    expect(d.text()).toContain("\r\x1b[Ksaved\n━");
    d.at(10, 1000);
    d.progress.end();
    expect(d.text().split("\r").at(-1)).toMatch(/^━{20} 1000\/1000.*\n$/);
  });
});

test("rates and durations", () => {
  expect([0.25, 2.345, 386.2].map(formatRate)).toEqual(["4.0 s/it", "2.35 it/s", "386 it/s"]);
  expect([0.4, 59.4, 187, 7387].map(formatDuration)).toEqual(["0s", "59s", "3:07", "2:03:07"]);
});
