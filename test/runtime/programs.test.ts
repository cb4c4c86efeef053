/** Who owns compiled programs: what is loaded is released, once, and not while it runs. */
import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { onEngine } from "../../src/runtime/engine-node.js";
import {
  compile,
  defaultEngine,
  type Engine,
  NdArray,
  Programs,
  type Session,
  zeros,
} from "../../src/runtime/index.js";

/** An engine that answers zeros, and counts what is loaded. */
class Counting implements Engine {
  readonly description = "counting";
  loaded = 0;
  released = 0;
  fails = false;
  /** Called before each answer. */
  wait: () => Promise<void> = async () => {};

  async lowering() {
    return {};
  }

  async load(): Promise<Session> {
    if (this.fails) throw new Error("no room");
    this.loaded++;
    let open = true;
    return {
      run: async () => {
        await this.wait();
        if (!open) throw new Error("released while it ran");
        return { out: zeros([1]) };
      },
      release: async () => {
        if (!open) throw new Error("released twice");
        open = false;
        this.released++;
      },
    };
  }
}

const doubled = (engine: Engine) => compile((x: g.Tensor) => g.mul(x, 2), { engine });
const rows = (n: number) => new NdArray(new Float32Array(n), [n]);

test("of many signatures those used last stay loaded", async () => {
  const engine = new Counting();
  const run = doubled(engine);
  for (let n = 1; n <= 40; n++) await run(rows(n));
  expect(engine.loaded).toBe(40);
  expect(engine.loaded - engine.released).toBe(16);
  await run(rows(40));
  expect(engine.loaded).toBe(40);
  await run(rows(1));
  expect(engine.loaded).toBe(41);
  await run.release();
  expect(engine.released).toBe(41);
});

test("what runs is freed by the last of its calls", async () => {
  const engine = new Counting();
  const run = doubled(engine);
  let go = () => {};
  engine.wait = () => new Promise((resolve) => (go = resolve));
  const call = run(rows(3));
  await new Promise((resolve) => setTimeout(resolve, 5));
  await run.release();
  expect(engine.released).toBe(0);
  go();
  await call;
  expect(engine.released).toBe(1);
});

test("a block that uses a program frees it, and after a failure it loads anew", async () => {
  const engine = new Counting();
  {
    await using run = doubled(engine);
    await run(rows(2));
    expect(engine.released).toBe(0);
  }
  expect(engine.released).toBe(1);
  const run = doubled(engine);
  engine.fails = true;
  await expect(run(rows(2))).rejects.toThrow("no room");
  engine.fails = false;
  await run(rows(2));
  expect(engine.loaded).toBe(2);
});

test("an owner releases all that it owns, and may use it again", async () => {
  const engine = new Counting();
  const programs = new Programs();
  const [a, b] = [programs.own(doubled(engine)), programs.own(doubled(engine))];
  await a(rows(1));
  await b(rows(1));
  await programs.release();
  expect(engine.released).toBe(2);
  await a(rows(1));
  await programs.release();
  expect([engine.loaded, engine.released]).toEqual([3, 3]);
});

test("side by side each runs on the engine of its caller, and others on the default one", async () => {
  const [a, b] = [new Counting(), new Counting()];
  const run = () => compile((x: g.Tensor) => g.mul(x, 2));
  const before = defaultEngine();
  const later = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return await run()(rows(n));
  };
  await Promise.all([onEngine(a, () => later(1)), onEngine(b, () => later(2)), onEngine(a, () => later(3))]);
  expect([a.loaded, b.loaded]).toEqual([2, 1]);
  expect(defaultEngine()).toBe(before);
});
