/** The runs of the worker, on the native engine: they learn, are the same from the same settings, and can be taken apart. */
import { beforeAll, describe, expect, test } from "vitest";
import { DEFAULTS, METHODS, type Settings } from "../../../pages/playground/settings/settings.js";
import { beginRun } from "../../../pages/playground/train/run.js";
import { nodeEngine } from "../../../src/runtime/engine-node.js";
import { setDefaultEngine } from "../../../src/web.js";

const SMALL: Settings = { ...DEFAULTS, numbers: { ...DEFAULTS.numbers, batch: 60, width: 16, depth: 2, draws: 100 } };

beforeAll(() => setDefaultEngine(nodeEngine({ threads: 1 })));

describe.each(METHODS)("%s", (method) => {
  test("trains, shows itself, and is the same from the same settings", async () => {
    const [run, again] = [await beginRun(method, SMALL), await beginRun(method, SMALL)];
    const begin = await run.frame();
    await run.advance(0);
    await again.advance(0);
    const [frame, same] = [await run.frame(), await again.frame()];
    expect(frame.iteration).toBe(10);
    expect(Number.isFinite(frame.nll)).toBe(true);
    expect(frame.nll).not.toBe(begin.nll);
    expect(same.logDensity).toEqual(frame.logDensity);
    const mass = frame.logDensity.reduce((a, v) => a + Math.exp(v), 0) * (10 / 96) ** 2;
    expect(mass).toBeCloseTo(1, 4);
    expect(frame.samples.length).toBe(800);
    expect(frame.warp !== null && frame.entropy !== null).toBe(method === "vera");
    await run.release();
    await again.release();
  });

  test("an iteration is taken apart with the numbers that it was done with", async () => {
    const run = await beginRun(method, SMALL);
    const { iteration, phases } = await run.step();
    expect(iteration).toBe(1);
    for (const { marks, numbers } of phases) {
      expect(numbers.every(([, v]) => Number.isFinite(v))).toBe(true);
      for (const { at } of marks) expect(at.every(Number.isFinite)).toBe(true);
    }
    const [draw, , move] = phases;
    expect(draw.marks[0]!.at.length).toBe(2 * 60);
    expect(move.change!.some((v) => v !== 0)).toBe(true);
    await run.release();
  });
});

test("points of one's own are trained on, fewer than a batch of them, too", async () => {
  const points = Array.from({ length: 40 }, (_, i) => Math.cos(i));
  const run = await beginRun("ed", { ...SMALL, data: "points", points });
  await run.advance(0);
  expect(run.data.length).toBe(40);
  expect(Number.isFinite((await run.frame()).nll)).toBe(true);
  await run.release();
});
