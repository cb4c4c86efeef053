/** Functions whose ONNX models the tests look at; together they use every primitive and every way of lowering it. */
import * as v from "../../src/portable.js";
import type { LowerOptions } from "../../src/runtime/lower/index.js";
import type { OnnxModel } from "../../src/runtime/onnx.js";
import { initialArguments, trainingStep } from "./training.js";

/** A compiled function with arguments. */
export interface Example {
  readonly name: string;
  /** The function itself, for its graph. */
  readonly outputs: () => v.Tensor[];
  model(options?: LowerOptions): OnnxModel;
  onnx(options?: LowerOptions): Uint8Array;
  /** Inputs of the model and what the compiled function makes of them, by name. */
  readonly feeds: Readonly<Record<string, v.NdArray>>;
  run(): Promise<Readonly<Record<string, v.NdArray>>>;
}

/** A compiled function of which only the names of arguments and results matter. */
interface Untyped {
  (...args: readonly unknown[]): Promise<unknown>;
  model(args: unknown, options?: LowerOptions): OnnxModel;
  onnx(args: unknown, options?: LowerOptions): Uint8Array;
}

const ARGUMENTS = ["x", "y", "z", "t"];

function example<A extends readonly v.TensorTree[], R extends v.TensorTree>(
  name: string,
  fn: (...args: A) => R,
  args: readonly v.ArrayTree[],
  argNames: readonly string[] = ARGUMENTS,
): Example {
  const compiled = v.compile(fn, { name, argNames }) as unknown as Untyped;
  const named = args.flatMap((arg, i) => v.leaves(arg, v.isArray, argNames[i]!));
  const symbolic = args.map((arg) =>
    v.mapTree<unknown, v.NdArray, v.Tensor>(arg, v.isArray, (x, path) => v.input(path, x)),
  );
  return {
    name,
    outputs: () => v.leaves(fn(...(symbolic as unknown as A)), v.isTensor).map(([, t]) => t),
    model: (options) => compiled.model(args, options),
    onnx: (options) => compiled.onnx(args, options),
    feeds: Object.fromEntries(named),
    run: async () => Object.fromEntries(v.leaves(await compiled(...args), v.isArray, "out")),
  };
}

/** Elementwise functions, comparisons and reductions of x and y `[3, 4]`, with gradients. */
function elementwise(x: v.Tensor, y: v.Tensor) {
  const f = (p: { x: v.Tensor; y: v.Tensor }) => {
    const a = v.add(v.sin(p.x), v.cos(p.y));
    const b = v.mul(v.abs(a), v.sign(p.x));
    const c = v.add(v.pow(v.softplus(b), 1.5), v.clamp(p.x, -0.5, 0.5));
    const d = v.maximum(v.minimum(c, p.y), v.sigmoid(p.x));
    const e = v.where(v.logicalOr(v.less(p.x, 0), v.logicalNot(v.equal(p.y, p.x))), d, v.neg(d));
    const kept = v.cast(v.logicalAnd(v.lessEqual(p.x, 2), v.less(-2, p.y)), "f32");
    const rows = v.add(v.max(e, 1, true), v.add(v.logsumexp(e, [0, 1]), v.softmax(v.exp(e), 0)));
    return v.sum(v.div(v.mul(rows, kept), v.sqrt(v.add(v.square(e), 1))));
  };
  const [value, gradient] = v.valueAndGrad(f)({ x, y });
  return { value, gradient, best: v.argmax(x, 1), log: v.log(v.add(v.tanh(x), 2)), soft: v.logSoftmax(y, 0) };
}

/** Products with operands transposed in each way, single and batched, of z `[5, 3, 4]` and x, y `[3, 4]`; and indexing. */
function products(x: v.Tensor, y: v.Tensor, z: v.Tensor, t: v.Tensor) {
  const batched = v.matmul(z, v.transpose(z, [0, 2, 1]));
  const swapped = v.matmul(z, z, { transA: true });
  const plain = v.add(v.matmul(x, y, { transB: true }), v.slice(y, null, { end: 3 }));
  const biased = v.add(v.matmul(x, y, { transA: true }), v.slice(z, 0, 0));
  const order = v.scatterAdd(v.mul(t, 2), v.cast(v.less(t, 1), "i32"), 2);
  const rows = v.grad((w: v.Tensor) => v.sum(v.square(v.gather(w, t))))(x);
  return { batched, swapped, plain, biased, order, rows, columns: v.gather(x, t, 1) };
}

/** Moving elements of x `[3, 4]`, with gradients: flips, strides that do not divide, places, reflections. */
function movement(x: v.Tensor) {
  const f = (a: v.Tensor) => {
    const strided = v.slice(a, null, { start: 1, stride: 2 });
    const spread = v.place(strided, [8, 6], [1, 2], [3, 2]);
    const whole = v.concat(
      [
        v.flip(a, [0, 1]),
        v.pad(
          v.slice(a, { stride: 2 }),
          [
            [0, 1],
            [0, 0],
          ],
          0.5,
        ),
      ],
      0,
    );
    const mirrored = v.pad(
      whole,
      [
        [2, 1],
        [0, 3],
      ],
      "reflect",
    );
    return v.add(v.sum(v.square(mirrored)), v.sum(v.square(spread)));
  };
  return {
    gradient: v.grad(f)(x),
    wide: v.broadcastTo(v.stack([x, x]), [2, 2, 3, 4]),
    held: v.stopGradient(v.identity(x)),
  };
}

/** Convolutions of x `[2, 16, 10, 10]` by y `[16, 16, 3, 3]` and z `[16, 16, 4, 4]`, to the third derivative. */
function convolutions(x: v.Tensor, y: v.Tensor, z: v.Tensor) {
  const net = (p: { y: v.Tensor; z: v.Tensor }, a: v.Tensor) => {
    const b = v.leakyRelu(v.conv2d(a, p.y, { padding: 1 }), 0.2);
    const c = v.relu(v.conv2d(b, p.z, { stride: 2, padding: 1 }));
    const d = v.convTranspose2d(c, p.z, { stride: 2, padding: 1 });
    const pooled = v.add(v.maxPool2d(d, 3, { stride: 2 }), v.avgPool2d(d, 3, { stride: 2 }));
    return v.sum(v.square(v.add(v.upsampleNearest2d(v.avgPool2d(b, 2), 2), v.mean(pooled))));
  };
  const penalty = (p: { y: v.Tensor; z: v.Tensor }) => v.sum(v.square(v.grad((a: v.Tensor) => net(p, a))(x)));
  return v.valueAndGrad(penalty)({ y, z });
}

export function examples(): Example[] {
  const rng = new v.Rng(7);
  const matrix = () => rng.normal([3, 4]);
  const wide = (...shape: number[]) => rng.normal(shape, 0, 0.05);
  return [
    example("training", trainingStep, initialArguments(rng), ["state", "real", "z", "labels"]),
    example("elementwise", elementwise, [matrix(), matrix()]),
    example("products", products, [matrix(), matrix(), rng.normal([5, 3, 4]), v.integers([2, 0, 2, 1])]),
    example("movement", movement, [matrix()]),
    example("convolutions", convolutions, [wide(2, 16, 10, 10), wide(16, 16, 3, 3), wide(16, 16, 4, 4)]),
  ];
}

/** Momentum descent on a quadratic, several steps in one model. */
export const scanned = (options?: LowerOptions): Uint8Array => {
  type Moving = { x: v.Tensor; velocity: v.Tensor };
  const step = ({ x, velocity }: Moving, rate: v.Tensor, { target }: { target: v.Tensor }): [Moving, v.Tensor] => {
    const [loss, slope] = v.valueAndGrad((at: v.Tensor) => v.sum(v.square(v.sub(at, target))))(x);
    const next = v.sub(v.mul(velocity, 0.9), v.mul(slope, rate));
    return [{ x: v.add(x, next), velocity: next }, loss];
  };
  const run = v.compileScan(step, { name: "descent" });
  return run.onnx([{ x: v.zeros([3]), velocity: v.zeros([3]) }, v.full([5], 0.1), { target: v.full([3], 1) }], options);
};
