import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { nodeEngine } from "../../src/runtime/engine-node.js";
import { array, compile, compileScan, type Engine, integers, Rng, zeros } from "../../src/runtime/index.js";
import { loadLoop } from "../../src/runtime/loop.js";
import type { TensorConstructor } from "../../src/runtime/session.js";

type T = g.Tensor;

/** An engine that runs loops as one for graphics cards does, on the CPU: its loops take one call for each iteration. */
function looping(): Engine {
  const create = async (model: Uint8Array) => {
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    return [session, OrtTensor as unknown as TensorConstructor] as const; // as engine-node.ts does
  };
  return { ...nodeEngine({ threads: 1 }), loadLoop: (loop) => loadLoop(create, loop) };
}

describe("several iterations in one call", () => {
  test("running sums: state, stacked results, constants", async () => {
    const run = compileScan((total: T, x: T, scale: T) => {
      const next = g.add(total, g.mul(x, scale));
      return [next, { next, before: total }];
    });
    const [total, ys] = await run(
      array([0, 10]),
      array([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
      2,
    );
    expect(total).toEqual(array([12, 22]));
    expect(ys.next).toEqual(array([2, 12, 6, 16, 12, 22], [3, 2]));
    expect(ys.before).toEqual(array([0, 10, 2, 12, 6, 16], [3, 2]));
  });

  test("training in one call is training step by step, to the last bit", async () => {
    interface State<L> {
      readonly w: L;
      readonly step: L;
    }
    const step = (state: { w: T; step: T }, x: T, target: T): [{ w: T; step: T }, T] => {
      const [loss, d] = g.valueAndGrad((w: T) => g.mean(g.square(g.sub(g.tanh(g.matmul(x, w)), target))))(state.w);
      return [{ w: g.sub(state.w, g.mul(d, 0.1)), step: g.add(state.step, 1) }, loss];
    };
    const rng = new Rng(1);
    const [w, xs, target] = [rng.normal([3, 2]), rng.normal([5, 4, 3]), rng.normal([4, 2])];
    const start = { w, step: integers([0], []) };
    const [end, losses] = await compileScan(step)(start, xs, target);

    const looped = await compileScan(step, { engine: looping() })(start, xs, target);
    expect(looped).toEqual([end, losses]);

    const once = compile(step);
    let state: State<typeof w> = start;
    for (let i = 0; i < 5; i++) {
      const x = array(xs.data.subarray(12 * i, 12 * (i + 1)), [4, 3]);
      const [next, loss] = await once(state, x, target);
      expect(loss.item()).toBe(losses.data[i]);
      state = next;
    }
    expect(end).toEqual(state);
    expect(end.step).toEqual(integers([5], []));
  });

  test("a state handed on as it is, and constants and inputs that the step ignores", async () => {
    const run = compileScan((s: { a: T; b: T }, _x: T, c: { used: T; unused: T }) => [
      { a: s.b, b: s.a },
      g.add(s.a, c.used),
    ]);
    const [s, y] = await run({ a: array(1), b: array(2) }, zeros([3, 2]), { used: 10, unused: 5 });
    expect([s.a.item(), s.b.item()]).toEqual([2, 1]);
    expect([...y.data]).toEqual([11, 12, 11]);
  });

  test("one iteration; another number of iterations", async () => {
    const run = compileScan((s: T, x: T, _c: T[]) => [g.add(s, x), []]);
    expect((await run(1, array([5]), []))[0].item()).toBe(6);
    expect((await run(1, array([5, 6, 7]), []))[0].item()).toBe(19);
  });
});

describe("what is refused", () => {
  const add = (s: T, x: { a: T; b: T }, _c: T[]): [T, T[]] => [g.add(s, g.add(x.a, x.b)), []];

  test("inputs of different lengths, or without a leading axis", async () => {
    const run = compileScan(add);
    await expect(run(0, { a: zeros([2]), b: zeros([3]) }, [])).rejects.toThrow(/add: .*2, 3/);
    await expect(run(0, { a: zeros([2]), b: 1 }, [])).rejects.toThrow(g.ShapeError);
  });

  test("a step that changes the state's shape, type or structure", async () => {
    const shape = compileScan((s: T, x: T, _c: T[]) => [g.stack([s, x]), []]);
    await expect(shape(0, zeros([2]), [])).rejects.toThrow(g.ShapeError);
    const type = compileScan((s: T, _x: T, _c: T[]) => [g.cast(s, "i32"), []]);
    await expect(type(0, zeros([2]), [])).rejects.toThrow(g.ShapeError);
    const fewer = compileScan((s: T[], _x: T, _c: T[]) => [s.slice(1), []]);
    await expect(fewer([0, 1], zeros([2]), [])).rejects.toThrow(g.ShapeError);
  });
});
