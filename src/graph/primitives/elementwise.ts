/**
 * Elementwise arithmetic and functions. Operands broadcast by NumPy's rules; a number stands for a scalar.
 *
 * Derivative rules are the textbook ones. Those of relu and leakyRelu look at the output's sign, not the input's: it is
 * the same, and the input is then free to be overwritten.
 */
import { broadcastShapes, ShapeError } from "../shape.js";
import { apply, asTensor, type DType, type Primitive, type Tensor, type TensorLike } from "../tensor.js";
import { sumTo } from "./broadcast.js";

// One operand -------------------------------------------------------------------------------------------------------

type Derivative<A> = (ct: Tensor, y: Tensor, x: Tensor, attrs: A) => Tensor | null;

function unary<A = Record<string, never>>(name: string, derivative: Derivative<A>): Primitive<A> {
  return {
    name,
    infer: ([x]) => {
      if (x!.dtype !== "f32") throw new ShapeError(name, `expects f32, got ${x}`);
      return { shape: x!.shape, dtype: "f32" };
    },
    vjp: (ct, y, [x], attrs) => [derivative(ct, y, x!, attrs)],
  };
}
const on =
  (primitive: Primitive<Record<string, never>>) =>
  (x: TensorLike): Tensor =>
    apply(primitive, [asTensor(x)], {});

export const negPrimitive = unary("neg", (ct) => neg(ct));
export const neg = on(negPrimitive);
export const expPrimitive = unary("exp", (ct, y) => mul(ct, y));
export const exp = on(expPrimitive);
/** Natural logarithm. */
export const logPrimitive = unary("log", (ct, _, x) => div(ct, x));
export const log = on(logPrimitive);
export const sqrtPrimitive = unary("sqrt", (ct, y) => div(mul(ct, 0.5), y));
export const sqrt = on(sqrtPrimitive);
export const sinPrimitive = unary("sin", (ct, _, x) => mul(ct, cos(x)));
export const sin = on(sinPrimitive);
export const cosPrimitive = unary("cos", (ct, _, x) => neg(mul(ct, sin(x))));
export const cos = on(cosPrimitive);
export const tanhPrimitive = unary("tanh", (ct, y) => mul(ct, sub(1, mul(y, y))));
export const tanh = on(tanhPrimitive);
export const sigmoidPrimitive = unary("sigmoid", (ct, y) => mul(ct, mul(y, sub(1, y))));
/** 1 / (1 + e^-x). */
export const sigmoid = on(sigmoidPrimitive);
export const softplusPrimitive = unary("softplus", (ct, _, x) => mul(ct, sigmoid(x)));
/** log(1 + e^x), without overflow. */
export const softplus = on(softplusPrimitive);
export const absPrimitive = unary("abs", (ct, _, x) => mul(ct, sign(x)));
export const abs = on(absPrimitive);
export const signPrimitive = unary("sign", () => null);
/** -1, 0 or 1. */
export const sign = on(signPrimitive);

export const leakyReluPrimitive = unary<{ slope: number }>("leakyRelu", (ct, y, _, { slope }) =>
  mul(ct, apply(stepPrimitive, [y], { low: slope })),
);
/** x where positive, else `slope` · x. The slope is in [0, 1). */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  if (!(slope >= 0 && slope < 1)) throw new ShapeError("leakyRelu", `slope must be in [0, 1), got ${slope}`);
  return apply(leakyReluPrimitive, [x], { slope });
}
export const relu = (x: Tensor): Tensor => leakyRelu(x, 0);

/** 1 where x > 0, else `low`: the derivative of leakyRelu. */
export const stepPrimitive = unary<{ low: number }>("step", () => null);

export const clampPrimitive = unary<{ min: number; max: number }>("clamp", (ct, _, x, { min, max }) =>
  where(logicalAnd(greaterEqual(x, min), lessEqual(x, max)), ct, 0),
);
/** x limited to [min, max]; the derivative is 1 inside, bounds included, and 0 outside. */
export function clamp(x: Tensor, min: number, max: number): Tensor {
  if (!(min <= max)) throw new ShapeError("clamp", `the interval [${min}, ${max}] is empty`);
  return apply(clampPrimitive, [x], { min, max });
}

export const powPrimitive = unary<{ exponent: number }>("pow", (ct, _, x, { exponent }) =>
  exponent === 0 ? null : mul(ct, mul(pow(x, exponent - 1), exponent)),
);
/** x to a constant power. */
export function pow(x: Tensor, exponent: number): Tensor {
  if (exponent === 1) return x;
  if (exponent === 2) return mul(x, x);
  return apply(powPrimitive, [x], { exponent });
}
export const square = (x: Tensor): Tensor => mul(x, x);

// Two operands ------------------------------------------------------------------------------------------------------

type BinaryDerivative = (ct: Tensor, y: Tensor, a: Tensor, b: Tensor) => readonly [Tensor, Tensor];
type Attributeless = Record<string, never>;

function operandType(name: string, [a, b]: readonly Tensor[], allowed: readonly DType[]): DType {
  if (a!.dtype !== b!.dtype || !allowed.includes(a!.dtype)) {
    throw new ShapeError(name, `expects two operands of one type among ${allowed.join(", ")}, got ${a} and ${b}`);
  }
  return a!.dtype;
}

function arithmetic(name: string, derivative: BinaryDerivative): Primitive<Attributeless> {
  return {
    name,
    infer: (inputs) => ({
      dtype: operandType(name, inputs, ["f32", "i32"]),
      shape: broadcastShapes(name, ...inputs.map((x) => x.shape)),
    }),
    vjp: (ct, y, [a, b]) => {
      const [da, db] = derivative(ct, y, a!, b!);
      return [sumTo(da, a!.shape), sumTo(db, b!.shape)];
    },
  };
}

/** Numbers take the type of the tensor that they meet. */
function operands(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const dtype = typeof a !== "number" ? a.dtype : typeof b !== "number" ? b.dtype : "f32";
  return [asTensor(a, dtype), asTensor(b, dtype)];
}
const between =
  (primitive: Primitive<Attributeless>) =>
  (a: TensorLike, b: TensorLike): Tensor =>
    apply(primitive, operands(a, b), {});

export const addPrimitive = arithmetic("add", (ct) => [ct, ct]);
export const add = between(addPrimitive);
export const subPrimitive = arithmetic("sub", (ct) => [ct, neg(ct)]);
export const sub = between(subPrimitive);
export const mulPrimitive = arithmetic("mul", (ct, _, a, b) => [mul(ct, b), mul(ct, a)]);
export const mul = between(mulPrimitive);
export const divPrimitive = arithmetic("div", (ct, y, _, b) => {
  const da = div(ct, b);
  return [da, neg(mul(da, y))];
});
export const div = between(divPrimitive);

/** Weight of the first operand in a maximum: 1, 0, or ½ where both are equal (as PyTorch has it). */
const share = (a: Tensor, b: Tensor) => mul(add(sign(sub(a, b)), 1), 0.5);
export const maximumPrimitive = arithmetic("maximum", (ct, _, a, b) => [mul(ct, share(a, b)), mul(ct, share(b, a))]);
export const maximum = between(maximumPrimitive);
export const minimumPrimitive = arithmetic("minimum", (ct, _, a, b) => [mul(ct, share(b, a)), mul(ct, share(a, b))]);
export const minimum = between(minimumPrimitive);

// Comparisons, logic, choice ----------------------------------------------------------------------------------------

function predicate(name: string, allowed: readonly DType[]): Primitive<Attributeless> {
  return {
    name,
    infer: (inputs) => {
      operandType(name, inputs, allowed);
      return { dtype: "bool", shape: broadcastShapes(name, ...inputs.map((x) => x.shape)) };
    },
  };
}
export const lessPrimitive = predicate("less", ["f32", "i32"]);
export const less = between(lessPrimitive);
export const lessEqualPrimitive = predicate("lessEqual", ["f32", "i32"]);
export const lessEqual = between(lessEqualPrimitive);
export const equalPrimitive = predicate("equal", ["f32", "i32", "bool"]);
export const equal = between(equalPrimitive);
export const greater = (a: TensorLike, b: TensorLike): Tensor => less(b, a);
export const greaterEqual = (a: TensorLike, b: TensorLike): Tensor => lessEqual(b, a);
export const andPrimitive = predicate("and", ["bool"]);
export const logicalAnd = between(andPrimitive);
export const orPrimitive = predicate("or", ["bool"]);
export const logicalOr = between(orPrimitive);
export const notPrimitive: Primitive<Attributeless> = {
  name: "not",
  infer: ([x]) => {
    if (x!.dtype !== "bool") throw new ShapeError("not", `expects bool, got ${x}`);
    return { shape: x!.shape, dtype: "bool" };
  },
};
export const logicalNot = (x: Tensor): Tensor => apply(notPrimitive, [x], {});

export const wherePrimitive: Primitive<Attributeless> = {
  name: "where",
  infer: (inputs) => {
    const [condition, a, b] = inputs;
    if (condition!.dtype !== "bool") throw new ShapeError("where", `the condition must be bool, got ${condition}`);
    return {
      dtype: operandType("where", [a!, b!], ["f32", "i32", "bool"]),
      shape: broadcastShapes("where", ...inputs.map((x) => x.shape)),
    };
  },
  vjp: (ct, _, [condition, a, b]) => [
    null,
    sumTo(where(condition!, ct, 0), a!.shape),
    sumTo(where(condition!, 0, ct), b!.shape),
  ],
};
/** `a` where the condition holds, else `b`. */
export const where = (condition: Tensor, a: TensorLike, b: TensorLike): Tensor =>
  apply(wherePrimitive, [condition, ...operands(a, b)], {});

export const castPrimitive: Primitive<{ dtype: DType }> = {
  name: "cast",
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
};
/** Elements converted to another type (f32 to i32 truncates, anything to bool is "not zero"). No derivative. */
export const cast = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : apply(castPrimitive, [x], { dtype }));

// The identity, in two forms ----------------------------------------------------------------------------------------

/** The same value as a new node: gives `grad` something of its own to differentiate by. */
export const identityPrimitive: Primitive<Attributeless> = {
  name: "identity",
  infer: ([x]) => x!,
  vjp: (ct) => [ct],
};
export const identity = (x: Tensor): Tensor => apply(identityPrimitive, [x], {});

export const stopGradientPrimitive: Primitive<Attributeless> = {
  name: "stopGradient",
  infer: ([x]) => x!,
  vjp: () => [null],
};
/** The same value, held constant by every derivative. */
export const stopGradient = (x: Tensor): Tensor => apply(stopGradientPrimitive, [x], {});
