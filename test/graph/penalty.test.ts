/**
 * Derivatives of gradients through whole networks: the penalty mean ½‖∇ₓ f(x)‖² by the parameters, as training needs it.
 *
 * Against differences of fourth order along random directions. Weights and directions are multiples of 2⁻⁷ and the
 * step is 2⁻⁵, so the points are exact in float32; the networks are smooth, with fifth derivatives of about 1, so the
 * error of the differences (h⁴/30 = 3e-8) is below that of rounding: the penalty P is a sum over several layers, good to
 * about 1e-6 |P|, divided by the step 3e-5 |P|. Tolerance: 1e-3 ‖∇P‖‖v‖ + 1e-4 |P|.
 */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { array, compile, NdArray, Rng } from "../../src/runtime/index.js";

type T = g.Tensor;
type Params = Record<string, T>;
type Arrays = Record<string, NdArray>;

const STEP = 2 ** -5;

const onGrid = (rng: Rng, shape: g.Shape, scale: number): NdArray =>
  new NdArray(
    Float32Array.from({ length: g.sizeOf(shape) }, () => Math.round((2 * rng.random() - 1) * scale * 128) / 128),
    shape,
  );

/** A map over named arrays. */
const mapArrays = (p: Arrays, fn: (x: NdArray, key: string) => NdArray): Arrays =>
  Object.fromEntries(Object.entries(p).map(([k, x]) => [k, fn(x, k)]));

/** mean ½‖∇ₓ f‖². */
const penalty =
  (f: (p: Params, x: T) => T) =>
  (p: Params, x: T): T => {
    const score = g.grad((input: T) => g.sum(f(p, input)))(x);
    return g.mul(g.sum(g.square(score)), 0.5 / x.shape[0]!);
  };

/** Normalised over the batch and places, as in training mode. */
function batchNorm(x: T, scale: T, shift: T): T {
  const axes = x.rank === 4 ? [0, 2, 3] : [0];
  const centred = g.sub(x, g.mean(x, axes, true));
  const variance = g.mean(g.square(centred), axes, true);
  const shape = x.shape.map((d, i) => (i === 1 ? d : 1));
  const normal = g.div(centred, g.sqrt(g.add(variance, 1e-2)));
  return g.add(g.mul(normal, g.reshape(scale, shape)), g.reshape(shift, shape));
}

/** g v / ‖v‖, one norm per output. */
function weightNorm(v: T, gain: T): T {
  const axes = v.shape.map((_, i) => i).slice(1);
  const length = g.sqrt(g.sum(g.square(v), axes, true));
  return g.mul(v, g.div(g.reshape(gain, length.shape), length));
}

interface Network {
  readonly shapes: Readonly<Record<string, g.Shape>>;
  readonly input: g.Shape;
  readonly f: (p: Params, x: T) => T;
}

const networks: Record<string, Network> = {
  "fully connected, with biases": {
    shapes: { w1: [3, 4], b1: [4], w2: [4, 4], w3: [4, 1] },
    input: [5, 3],
    f: ({ w1, b1, w2, w3 }, x) => {
      const h = g.tanh(g.add(g.matmul(x, w1!), b1!));
      return g.matmul(g.softplus(g.matmul(h, w2!)), w3!);
    },
  },
  "convolutions with strides and biases": {
    shapes: { w1: [3, 2, 3, 3], b1: [3], w2: [2, 3, 4, 4], w3: [1, 2, 2, 2] },
    input: [2, 2, 5, 5],
    f: ({ w1, b1, w2, w3 }, x) => {
      const h = g.tanh(g.conv2d(x, w1!, { padding: 1, bias: b1! }));
      return g.conv2d(g.softplus(g.conv2d(h, w2!, { stride: 2, padding: 1 })), w3!);
    },
  },
  "transposed convolutions": {
    shapes: { w1: [3, 2, 2, 2], w2: [2, 2, 3, 3], w3: [2, 1, 4, 4] },
    input: [2, 3, 1, 1],
    f: ({ w1, w2, w3 }, x) => {
      const h = g.tanh(g.convTranspose2d(x, w1!));
      const k = g.softplus(g.convTranspose2d(h, w2!, { stride: 2, padding: 1, outputPadding: 1 }));
      return g.sum(g.square(g.convTranspose2d(k, w3!, { stride: 2, padding: 1 })), [1, 2, 3]);
    },
  },
  // The maximum is taken of the input: it has kinks, but none along the weights.
  "pooling and upsampling": {
    shapes: { w1: [3, 2, 3, 3], w2: [1, 3, 3, 3] },
    input: [2, 2, 7, 7],
    f: ({ w1, w2 }, x) => {
      const h = g.tanh(g.conv2d(g.maxPool2d(x, 3, { stride: 2 }), w1!, { padding: 1 }));
      const k = g.softplus(g.conv2d(g.upsampleNearest2d(h, 2), w2!, { padding: 1 }));
      return g.sum(g.square(g.avgPool2d(g.avgPool2d(k, 2), 2, { stride: 1 })), [1, 2, 3]);
    },
  },
  "batch norm": {
    shapes: { w1: [3, 2, 3, 3], scale: [3], shift: [3], w2: [1, 3, 4, 4] },
    input: [3, 2, 4, 4],
    f: ({ w1, scale, shift, w2 }, x) => {
      const h = g.softplus(batchNorm(g.conv2d(x, w1!, { padding: 1 }), scale!, shift!));
      return g.tanh(g.conv2d(h, w2!));
    },
  },
  "weight norm": {
    shapes: { v1: [4, 3], g1: [4], v2: [1, 4], g2: [1] },
    input: [5, 3],
    f: ({ v1, g1, v2, g2 }, x) => {
      const h = g.tanh(g.matmul(x, weightNorm(v1!, g1!), { transB: true }));
      return g.softplus(g.matmul(h, weightNorm(v2!, g2!), { transB: true }));
    },
  },
  "logits: a classifier's logsumexp": {
    shapes: { w1: [3, 6], w2: [6, 4] },
    input: [5, 3],
    f: ({ w1, w2 }, x) => g.logsumexp(g.matmul(g.tanh(g.matmul(x, w1!)), w2!), 1),
  },
};

describe("the gradient penalty by the parameters", () => {
  test.each(Object.entries(networks))("%s", async (_, { shapes, input, f }) => {
    const rng = new Rng(7);
    const draw = (scale: number) =>
      mapArrays(Object.fromEntries(Object.keys(shapes).map((k) => [k, array(0)])), (_, k) =>
        onGrid(rng, shapes[k]!, scale),
      );
    const run = compile((p: Params, x: T) => {
      const [value, gradient] = g.valueAndGrad(penalty(f))(p, x);
      return { value, gradient };
    });
    const [p, x] = [draw(0.75), rng.normal(input)];
    for (let trial = 0; trial < 3; trial++) {
      const v = draw(1);
      const { value, gradient } = await run(p, x);
      const at = async (steps: number) => {
        const moved = mapArrays(p, (a, k) => {
          const along = v[k]!.data;
          return new NdArray(
            Float32Array.from(a.data, (w, i) => w + steps * STEP * along[i]!),
            a.shape,
          );
        });
        return (await run(moved, x)).value.item();
      };
      const difference = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * STEP);
      let [slope, gg, vv] = [0, 0, 0];
      for (const [k, d] of Object.entries(gradient)) {
        d!.data.forEach((s: number, i: number) => {
          const t = v[k]!.data[i]!;
          slope += s * t;
          gg += s * s;
          vv += t * t;
        });
      }
      const tolerance = 1e-3 * Math.sqrt(gg * vv) + 1e-4 * Math.abs(value.item());
      expect(Math.sqrt(gg)).toBeGreaterThan(1e-3); // or there is nothing to see
      expect(Math.abs(slope - difference), `${slope} against ${difference}`).toBeLessThan(tolerance);
    }
    await run.release();
  });
});

describe("derivatives by hand", () => {
  test("third and fourth derivatives: of x⁴, exp and sin", async () => {
    const times = (f: (x: T) => T, n: number): ((x: T) => T) => (n === 0 ? f : times(g.grad(f) as (x: T) => T, n - 1));
    const run = compile((x: T) => ({
      cubic: times((t) => g.pow(t, 4), 3)(x),
      exp: times((t) => g.exp(g.mul(t, 2)), 4)(x),
      sin: times(g.sin, 3)(x),
      tanh: times(g.tanh, 2)(x),
    }));
    const at = await run(0.5);
    const t = Math.tanh(0.5);
    expect(at.cubic.item()).toBeCloseTo(24 * 0.5, 4);
    expect(at.exp.item()).toBeCloseTo(16 * Math.E, 3);
    expect(at.sin.item()).toBeCloseTo(-Math.cos(0.5), 5);
    expect(at.tanh.item()).toBeCloseTo(-2 * t * (1 - t * t), 5);
  });

  test("a Hessian-vector product is the Hessian times the vector", async () => {
    // f = x₀² x₁ + x₁³: Hessian [[2 x₁, 2 x₀], [2 x₀, 6 x₁]].
    const f = (x: T) => {
      const [a, b] = [g.slice(x, 0), g.slice(x, 1)];
      return g.add(g.mul(g.square(a), b), g.pow(b, 3));
    };
    const run = compile((x: T, v: T) => ({
      reverse: g.grad((y: T) => g.sum(g.mul(g.grad(f)(y), v)))(x),
      forward: g.jvp(g.grad(f) as (y: T) => T, x, v)[1],
    }));
    const { reverse, forward } = await run(array([3, 2]), array([1, -1]));
    expect([...reverse.data]).toEqual([4 - 6, 6 - 12]);
    expect([...forward.data]).toEqual([...reverse.data]);
  });

  test("stopGradient holds a value constant in every derivative", async () => {
    const f = (x: T) => g.mul(g.stopGradient(g.exp(x)), g.square(x)); // c x² with c = eˣ
    const run = compile((x: T) => ({
      first: g.grad(f)(x),
      second: g.grad(g.grad(f) as (y: T) => T)(x),
      forward: g.jvp(f, x, g.onesLike(x))[1],
      all: g.grad((y: T) => g.stopGradient(f(y)))(x),
    }));
    const at = await run(1);
    // The first derivative 2 c x still has c held: its derivative is 2 c.
    for (const value of [at.first, at.second, at.forward]) expect(value.item()).toBeCloseTo(2 * Math.E, 5);
    expect(at.all.item()).toBe(0);
  });

  test("only what flows through the arguments counts", async () => {
    const run = compile((x: T) => {
      const outer = g.square(x);
      return { closed: g.grad((y: T) => g.mul(y, outer))(x), own: g.grad((y: T) => g.mul(y, g.square(y)))(x) };
    });
    const { closed, own } = await run(2);
    expect(closed.item()).toBe(4);
    expect(own.item()).toBe(12);
  });

  test("a leaf that the value does not depend on, and an integer leaf, have zero gradients", async () => {
    const run = compile((p: { used: T; unused: T; index: T }) =>
      g.grad(({ used, index }: { used: T; unused: T; index: T }) => g.sum(g.gather(used, index)))(p),
    );
    const p = { used: array([1, 2, 3]), unused: array([4, 5]), index: new NdArray(Int32Array.of(1, 1), [2]) };
    const d = await run(p);
    expect([...d.used.data]).toEqual([0, 2, 0]);
    expect([...d.unused.data]).toEqual([0, 0]);
    expect(d.index).toEqual(new NdArray(Int32Array.of(0, 0), [2]));
  });

  test("an argument returned as it is, and one used twice", async () => {
    const run = compile((x: T) => {
      const [[same, twice], pullback] = g.vjp((y: T) => [y, g.add(y, y)] as const, x);
      return { same, twice, ct: pullback([g.constant(3), g.constant(5)])[0] };
    });
    expect((await run(1)).ct.item()).toBe(3 + 2 * 5);
  });

  test("valueAndGradWithAux returns the auxiliary results undifferentiated", async () => {
    const run = compile((x: T) => {
      const [value, gradient, aux] = g.valueAndGradWithAux((y: T) => {
        const h = g.square(y);
        return [g.sum(h), { h }];
      })(x);
      return { value, gradient, aux };
    });
    const { value, gradient, aux } = await run(array([1, 2]));
    expect(value.item()).toBe(5);
    expect([...gradient.data]).toEqual([2, 4]);
    expect([...aux.h.data]).toEqual([1, 4]);
  });
});
