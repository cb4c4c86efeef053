import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { array, compile, defaultEngine, type Engine, integers, NdArray, zeros } from "../../src/runtime/index.js";

type T = g.Tensor;

/** The default engine, counting what it is asked to do. */
function counting(): Engine & { loaded: number; released: number } {
  const engine = defaultEngine();
  const counts = {
    ...engine,
    loaded: 0,
    released: 0,
    load: async (model: Uint8Array) => {
      counts.loaded++;
      const session = await engine.load(model);
      return {
        ...session,
        release: async () => {
          counts.released++;
          await session.release();
        },
      };
    },
  };
  return counts;
}

describe("tracing and caching", () => {
  test("once per signature: structure, shapes and types", async () => {
    const engine = counting();
    let traced = 0;
    const f = compile(
      (x: T) => {
        traced++;
        return g.add(x, x);
      },
      { engine },
    );
    const shapes: NdArray[] = [zeros([2]), zeros([2]), zeros([3]), integers([1, 2]), zeros([1, 2]), zeros([2])];
    for (const x of shapes) expect((await f(x)).shape).toEqual(x.shape);
    expect([traced, engine.loaded]).toEqual([4, 4]);
  });

  test("other values give other results", async () => {
    const f = compile((x: T) => g.mul(x, 2));
    expect([...(await f(array([1, 2]))).data]).toEqual([2, 4]);
    expect([...(await f(array([3, 4]))).data]).toEqual([6, 8]);
  });

  test("calls at the same time share one model and do not mix", async () => {
    const engine = counting();
    const f = compile((x: T) => g.mul(x, x), { engine });
    const results = await Promise.all([1, 2, 3, 4, 5].map((x) => f(x)));
    expect(results.map((y) => y.item())).toEqual([1, 4, 9, 16, 25]);
    expect(engine.loaded).toBe(1);
  });

  test("a number is a scalar, as an array of shape [] is", async () => {
    const engine = counting();
    const f = compile((x: T, rate: T) => g.mul(x, rate), { engine });
    expect([...(await f(array([1, 2]), 0.5)).data]).toEqual([0.5, 1]);
    expect([...(await f(array([1, 2]), array(0.25))).data]).toEqual([0.25, 0.5]);
    expect((await f(3, 4)).shape).toEqual([]);
    expect(engine.loaded).toBe(2);
  });

  test("released, it loads anew", async () => {
    const engine = counting();
    const f = compile((x: T) => g.exp(x), { engine });
    await f(0);
    await f(array([0, 1]));
    await f.release();
    expect([engine.loaded, engine.released]).toEqual([2, 2]);
    expect((await f(0)).item()).toBe(1);
    await f.release();
    await f.release();
    expect([engine.loaded, engine.released]).toEqual([3, 3]);
  });

  test("without sessions: the model alone", () => {
    const engine = counting();
    const f = compile((x: T) => g.exp(x), { engine, name: "exponential", argNames: ["x"] });
    const model = f.model([array([1, 2])]);
    expect(model.name).toBe("exponential");
    expect(model.inputs).toEqual([{ name: "x", dtype: "f32", shape: [2] }]);
    expect(model.outputs).toEqual([{ name: "out", dtype: "f32", shape: [2] }]);
    expect(f.onnx([array([1, 2])]).length).toBeGreaterThan(50);
    expect(engine.loaded).toBe(0);
  });
});

describe("trees", () => {
  test("nested arguments and results", async () => {
    const f = compile((p: { layers: { w: T; b: T }[]; scale: T }, [x, y]: readonly [T, T]) => ({
      sums: p.layers.map(({ w, b }) => g.add(w, b)),
      nested: { both: [g.mul(x, p.scale), [g.mul(y, p.scale)]] as const },
      empty: [],
    }));
    const layers = [
      { w: array([1]), b: array([10]) },
      { w: array([2]), b: array([20]) },
    ];
    const out = await f({ layers, scale: 3 }, [array([5]), 7]);
    expect(out).toEqual({
      sums: [array([11]), array([22])],
      nested: { both: [array([15]), [array(21)]] },
      empty: [],
    });
  });

  test("parameters in, parameters of the same structure out, again and again", async () => {
    const step = compile((p: { w: T; moments: T[] }, rate: T) => {
      const d = g.grad((q: { w: T; moments: T[] }) => g.sum(g.square(q.w)))(p);
      return { w: g.sub(p.w, g.mul(rate, d.w)), moments: p.moments.map((m) => g.add(m, 1)) };
    });
    let p = { w: array([1, -2]), moments: [array(0), array([5])] };
    for (let i = 0; i < 3; i++) p = (await step(p, 0.25)) as typeof p;
    expect(p).toEqual({ w: array([0.125, -0.25]), moments: [array(3), array([8])] });
  });
});

describe("results", () => {
  test("integers and booleans", async () => {
    const f = compile((x: T, i: T, b: T) => ({
      argmax: g.argmax(x),
      sum: g.add(i, 1),
      less: g.less(x, 0.5),
      not: g.logicalNot(b),
    }));
    const flags = new NdArray(Uint8Array.of(1, 0), [2]);
    const out = await f(
      array([
        [0, 1],
        [1, 0],
      ]),
      integers([2 ** 24 + 1]),
      flags,
    );
    expect(out.argmax).toEqual(integers([1, 0]));
    expect(out.sum).toEqual(integers([2 ** 24 + 2]));
    expect(out.less).toEqual(new NdArray(Uint8Array.of(1, 0, 0, 1), [2, 2]));
    expect(out.not).toEqual(new NdArray(Uint8Array.of(0, 1), [2]));
  });

  test("an argument, the same value twice, constants, and a value also used inside", async () => {
    const c = g.constant([7, 8]);
    const f = compile((x: T, unused: T) => {
      const y = g.exp(x);
      return { x, again: x, y, twin: g.exp(x), z: g.sub(y, x), c, d: c, one: g.constant(1, [], "i32"), unused };
    });
    const [x, unused] = [array([0, 0]), integers([9])];
    const out = await f(x, unused);
    expect(out).toEqual({
      x: array([0, 0]),
      again: array([0, 0]),
      y: array([1, 1]),
      twin: array([1, 1]),
      z: array([1, 1]),
      c: array([7, 8]),
      d: array([7, 8]),
      one: integers([1], []),
      unused: integers([9]),
    });
  });

  test("share no memory: with arguments, constants, each other, or the next call", async () => {
    const c = g.constant([7, 8]);
    const f = compile((x: T) => ({ x, again: x, c, y: g.mul(x, 2) }));
    const x = array([1, 2]);
    const first = await f(x);
    for (const y of Object.values(first)) (y as NdArray).data.fill(-1);
    expect(x).toEqual(array([1, 2]));
    const second = await f(x);
    expect(second).toEqual({ x: array([1, 2]), again: array([1, 2]), c: array([7, 8]), y: array([2, 4]) });
    second.x.data.fill(5);
    expect(second.again).toEqual(array([1, 2]));
    x.data.fill(3);
    expect(second.y).toEqual(array([2, 4]));
  });

  test("that no argument enters", async () => {
    expect(await compile(() => g.add(g.constant([1, 2]), 1))()).toEqual(array([2, 3]));
  });
});

describe("what is refused", () => {
  test("arguments that are no trees of arrays, by their path", async () => {
    const f = compile((p: { w: T }, x: T) => g.mul(p.w, x), { argNames: ["params", "x"] });
    const call = f as unknown as (...args: unknown[]) => Promise<unknown>;
    await expect(call({ w: "1" }, 2)).rejects.toThrow(new TypeError('unexpected string value at "params.w" of a tree'));
    await expect(call({ w: 1 }, [undefined])).rejects.toThrow('unexpected undefined at "x.0"');
    await expect(call({ w: 1 }, new Float32Array(2))).rejects.toThrow('unexpected Float32Array value at "x"');
    await expect(call({ w: null }, 2)).rejects.toThrow('unexpected null at "params.w"');
  });

  test("a tree of another structure than the function reads", async () => {
    const f = compile((p: { w: T }) => g.exp(p.w));
    const call = f as unknown as (...args: unknown[]) => Promise<unknown>;
    await expect(call({ v: 1 })).rejects.toThrow(TypeError);
    expect(((await f({ w: 0 })) as NdArray).item()).toBe(1);
  });

  test("results that are no tensors, by their path", async () => {
    const f = compile((x: T) => ({ x, loss: 3 as unknown as T }));
    await expect(f(1)).rejects.toThrow(new TypeError('unexpected number value at "out.loss" of a tree'));
  });

  test("shapes that do not fit: at each call, and other shapes still work", async () => {
    const f = compile((a: T, b: T) => g.add(a, b));
    for (let i = 0; i < 2; i++) {
      await expect(f(zeros([2]), zeros([3]))).rejects.toThrow(
        new g.ShapeError("add", "shapes [2] and [3] do not broadcast"),
      );
    }
    expect((await f(zeros([2]), zeros([2]))).shape).toEqual([2]);
  });

  test("arrays whose data do not fill their shape", () => {
    expect(() => new NdArray(new Float32Array(3), [2, 2])).toThrow(g.ShapeError);
    expect(() => array([1, 2, 3], [2])).toThrow("3 elements do not fill shape [2]");
    expect(() => array([1, 2]).item()).toThrow("shape [2]");
  });
});
