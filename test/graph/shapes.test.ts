/** Wrong shapes, types and options fail where the graph is built, in words that name the operation and the shapes. */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";

const f32 = (...shape: number[]) => g.input("x", { shape, dtype: "f32" });
const i32 = (...shape: number[]) => g.input("i", { shape, dtype: "i32" });
const bool = (...shape: number[]) => g.input("b", { shape, dtype: "bool" });

/** The operations, by name. */
const ops = { ...g };

/** What is wrong, the operation to be named, what builds it, and what else the message must contain. */
type Wrong = [problem: string, operation: string, build: () => unknown, ...words: string[]];

const elementwise: Wrong[] = [
  ...(["add", "sub", "mul", "div", "maximum", "minimum", "less", "lessEqual", "equal"] as const).flatMap(
    (op): Wrong[] => [
      [`${op} of shapes that do not broadcast`, op, () => ops[op](f32(2, 3), f32(2, 4)), "[2, 3]", "[2, 4]"],
      [`${op} of two types`, op, () => ops[op](f32(2), i32(3)), "f32[2]", "i32[3]"],
    ],
  ),
  ["greater of shapes that do not broadcast", "less", () => g.greater(f32(2), f32(3)), "[2]", "[3]"],
  ["arithmetic on booleans", "add", () => g.add(bool(2), bool(2)), "bool[2]"],
  ["ordering of booleans", "less", () => g.less(bool(2), bool(3)), "bool[2]", "bool[3]"],
  ["and of floats", "and", () => g.logicalAnd(f32(2), f32(3)), "f32[2]", "f32[3]"],
  ["or of shapes that do not broadcast", "or", () => g.logicalOr(bool(2), bool(3)), "[2]", "[3]"],
  ["not of a float", "not", () => g.logicalNot(f32(2)), "f32[2]"],
  ["where with a float condition", "where", () => g.where(f32(2), f32(2), f32(2)), "f32[2]"],
  ["where with two types", "where", () => g.where(bool(2), f32(2), i32(3)), "f32[2]", "i32[3]"],
  ["where of three shapes", "where", () => g.where(bool(2), f32(3), f32(1)), "[2]", "[3]"],
  ...(["neg", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "abs", "sign"] as const).map(
    (op): Wrong => [`${op} of integers`, op, () => ops[op](i32(2, 3)), "i32[2, 3]"],
  ),
  ["leakyRelu of integers", "leakyRelu", () => g.leakyRelu(i32(2)), "i32[2]"],
  ["a slope above 1", "leakyRelu", () => g.leakyRelu(f32(2), 1.5), "1.5"],
  ["clamp of integers", "clamp", () => g.clamp(i32(2), 0, 1), "i32[2]"],
  ["an empty interval", "clamp", () => g.clamp(f32(2), 1, 0), "[1, 0]"],
  ["a power of integers", "pow", () => g.pow(i32(2), 3), "i32[2]"],
  ["a fraction among integers", "constant", () => g.mul(i32(2), 0.5), "0.5"],
  ["constants that do not fill a shape", "constant", () => g.constant([1, 2, 3], [2, 2]), "3", "[2, 2]"],
];

const reductions: Wrong[] = [
  ...(["sum", "mean", "max", "logsumexp"] as const).flatMap((op): Wrong[] => [
    [`${op} over a missing axis`, op === "mean" ? "sum" : op, () => ops[op](f32(2, 3), 2), "2", "[2, 3]"],
    [`${op} over an axis twice`, op === "mean" ? "sum" : op, () => ops[op](f32(2, 3), [1, -1]), "[1, -1]", "[2, 3]"],
    [`${op} of booleans`, op, () => ops[op](bool(2, 3)), "bool[2, 3]"],
  ]),
  ["mean of integers", "mean", () => g.mean(i32(4)), "i32[4]"],
  ["max of integers", "max", () => g.max(i32(4)), "i32[4]"],
  ["logsumexp of integers", "logsumexp", () => g.logsumexp(i32(4)), "i32[4]"],
  ...(["softmax", "logSoftmax", "argmax"] as const).map(
    (op): Wrong => [`${op} along a missing axis`, op, () => ops[op](f32(2, 3), -3), "-3", "[2, 3]"],
  ),
  ["softmax of integers", "softmax", () => g.softmax(i32(2)), "i32[2]"],
  ["logSoftmax of a scalar", "logSoftmax", () => g.logSoftmax(f32()), "[]"],
  ["argmax of booleans", "argmax", () => g.argmax(bool(2)), "bool[2]"],
  ["broadcasting to fewer axes", "broadcastTo", () => g.broadcastTo(f32(2, 3), [3]), "[2, 3]", "[3]"],
  ["broadcasting an axis that is not 1", "broadcastTo", () => g.broadcastTo(f32(2), [4]), "[2]", "[4]"],
];

// biome-ignore format: one line per case
const movement: Wrong[] = [
  ["reshaping to another size", "reshape", () => g.reshape(f32(2, 3), [4]), "[2, 3]", "[4]"],
  ["an inferred dimension that is a fraction", "reshape", () => g.reshape(f32(2, 3), [4, -1]), "[2, 3]", "[4, -1]"],
  ["negative dimensions", "reshape", () => g.reshape(f32(2, 3), [-2, -3]), "[2, 3]", "[-2, -3]"],
  ["a new axis beyond the last", "expandDims", () => g.expandDims(f32(2, 3), 3), "3"],
  ["a new axis before the first", "expandDims", () => g.expandDims(f32(2, 3), -4), "-4"],
  ["squeezing an axis that is not 1", "squeeze", () => g.squeeze(f32(2, 3), 1), "1", "[2, 3]"],
  ["squeezing a missing axis", "squeeze", () => g.squeeze(f32(2, 3), 2), "2", "[2, 3]"],
  ["a permutation with an axis twice", "transpose", () => g.transpose(f32(2, 3), [0, 0]), "[0, 0]", "[2, 3]"],
  ["a permutation with a missing axis", "transpose", () => g.transpose(f32(2, 3), [0, 2]), "2", "[2, 3]"],
  ["a permutation of fewer axes", "transpose", () => g.transpose(f32(2, 3), [0]), "[0]", "[2, 3]"],
  ["slicing more axes than there are", "slice", () => g.slice(f32(2), null, null), "2", "[2]"],
  ["an index beyond the end", "slice", () => g.slice(f32(2, 3), null, 3), "3", "axis 1", "[2, 3]"],
  ["an index before the beginning", "slice", () => g.slice(f32(2, 3), -3), "-3", "[2, 3]"],
  ["an index that is a fraction", "slice", () => g.slice(f32(2, 3), 0.5), "0.5", "[2, 3]"],
  ["a range that ends before it starts", "slice", () => g.slice(f32(5), { start: 3, end: 2, stride: 4 }), '"end":2', "[5]"],
  ["a range that starts beyond the end", "slice", () => g.slice(f32(5), { start: 6 }), '"start":6', "[5]"],
  ["a stride of 0", "slice", () => g.slice(f32(5), { stride: 0 }), '"stride":0', "[5]"],
  ["a stride that is a fraction", "slice", () => g.slice(f32(5), { stride: 1.5 }), '"stride":1.5', "[5]"],
  ["writing beyond the end", "place", () => g.place(f32(2), [4], [1], [3]), "[2]", "[4]"],
  ["writing before the beginning", "place", () => g.place(f32(2), [4], [-1]), "[2]", "[4]"],
  ["writing into another rank", "place", () => g.place(f32(2), [4, 4], [0]), "[2]", "[4, 4]"],
  ["padding with too few widths", "pad", () => g.pad(f32(2, 3), [[1, 1]]), "[[1,1]]", "[2, 3]"],
  ["padding by a negative width", "pad", () => g.pad(f32(2), [[-1, 1]]), "[[-1,1]]", "[2]"],
  ["padding by a fraction", "pad", () => g.pad(f32(2), [[0.5, 0.5]]), "[[0.5,0.5]]", "[2]"],
  ["reflecting more than there is", "pad", () => g.pad(f32(3, 2), [[0, 0], [2, 0]], "reflect"), "2", "axis 1", "[3, 2]"],
  ["flipping a missing axis", "flip", () => g.flip(f32(2), 1), "1", "[2]"],
  ["joining nothing", "concat", () => g.concat([])],
  ["joining other shapes", "concat", () => g.concat([f32(2, 3), f32(2, 4)]), "[2, 3]", "[2, 4]"],
  ["joining other types", "concat", () => g.concat([f32(2), i32(3)]), "f32[2]", "i32[3]"],
  ["joining other ranks", "concat", () => g.concat([f32(2), f32()]), "[2]", "[]"],
  ["joining along a missing axis", "concat", () => g.concat([f32(2), f32(2)], 1), "1", "[2]"],
  ["stacking other shapes", "concat", () => g.stack([f32(2), f32(3)]), "[1, 2]", "[1, 3]"],
];

// biome-ignore format: one line per case
const products: Wrong[] = [
  ["inner dimensions that differ", "matmul", () => g.matmul(f32(2, 3), f32(4, 5)), "[2, 3]", "[4, 5]", "3 and 4"],
  ["the same, transposed", "matmul", () => g.matmul(f32(2, 3), f32(2, 4), { transB: true }), "[2, 3]", "[2, 4]ᵀ"],
  ["the same, with a batch", "matmul", () => g.matmul(f32(7, 2, 3), f32(4, 5)), "[7, 2, 3]", "[4, 5]"],
  ["batches that do not broadcast", "matmul", () => g.matmul(f32(2, 3, 4), f32(3, 4, 5)), "[2]", "[3]"],
  ["a vector", "matmul", () => g.matmul(f32(3), f32(3, 4)), "f32[3]", "f32[3, 4]"],
  ["integers", "matmul", () => g.matmul(i32(2, 3), i32(3, 4)), "i32[2, 3]", "i32[3, 4]"],
  ["integers, with a batch", "matmul", () => g.matmul(i32(5, 2, 3), i32(3, 4)), "i32[5, 2, 3]", "i32[3, 4]"],
  ["channels that differ", "conv2d", () => g.conv2d(f32(1, 3, 8, 8), f32(4, 2, 3, 3)), "[1, 3, 8, 8]", "[4, 2, 3, 3]"],
  ["an image without a batch", "conv2d", () => g.conv2d(f32(3, 8, 8), f32(4, 3, 3, 3)), "f32[3, 8, 8]", "[4, 3, 3, 3]"],
  ["a kernel of integers", "conv2d", () => g.conv2d(f32(1, 3, 8, 8), i32(4, 3, 3, 3)), "[1, 3, 8, 8]", "i32[4, 3, 3, 3]"],
  ["a kernel larger than the input", "conv2d", () => g.conv2d(f32(1, 1, 3, 9), f32(1, 1, 4, 4)), "[1, 1, 3, 9]", "[1, 1, 4, 4]"],
  ["a bias of another size", "conv2d", () => g.conv2d(f32(1, 1, 4, 4), f32(2, 1, 3, 3), { bias: f32(3) }), "[3]", "[2, 1, 3, 3]"],
  ["a stride of 0", "conv2d", () => g.conv2d(f32(1, 1, 4, 4), f32(1, 1, 3, 3), { stride: 0 }), "stride", "[0, 0]"],
  ["a padding that is a fraction", "conv2d", () => g.conv2d(f32(1, 1, 4, 4), f32(1, 1, 3, 3), { padding: 0.5 }), "padding", "[0.5, 0.5]"],
  ["channels that differ", "convTranspose2d", () => g.convTranspose2d(f32(1, 3, 4, 4), f32(2, 3, 2, 2)), "[1, 3, 4, 4]", "[2, 3, 2, 2]"],
  ["a pixel and a matrix", "convTranspose2d", () => g.convTranspose2d(f32(1, 3, 1, 1), f32(3, 4)), "[1, 3, 1, 1]", "[3, 4]"],
  ["a padding larger than the result", "convTranspose2d", () => g.convTranspose2d(f32(1, 1, 1, 1), f32(1, 1, 2, 2), { padding: 1 }), "[1, 1, 1, 1]", "[1, 1, 2, 2]"],
  ["an output padding not below the stride", "convTranspose2d", () => g.convTranspose2d(f32(1, 1, 2, 2), f32(1, 1, 3, 3), { stride: 2, outputPadding: 2 }), "[1, 1, 2, 2]", "[1, 1, 3, 3]"],
  ["a negative output padding", "convTranspose2d", () => g.convTranspose2d(f32(1, 1, 2, 2), f32(1, 1, 3, 3), { outputPadding: -1 }), "[-1, -1]"],
];

const poolsAndIndices: Wrong[] = [
  ...(["maxPool2d", "avgPool2d"] as const).flatMap((op): Wrong[] => [
    [`${op} of rank 3`, op, () => ops[op](f32(2, 4, 4), 2), "f32[2, 4, 4]"],
    [`${op} of integers`, op, () => ops[op](i32(1, 2, 4, 4), 2), "i32[1, 2, 4, 4]"],
    [`${op} by a window larger than the input`, op, () => ops[op](f32(1, 1, 4, 2), 3), "[3, 3]", "[1, 1, 4, 2]"],
    [`${op} with a stride of 0`, op, () => ops[op](f32(1, 1, 4, 4), 2, { stride: 0 }), "stride", "[0, 0]"],
    [`${op} by a window that is a fraction`, op, () => ops[op](f32(1, 1, 4, 4), 1.5), "kernel", "[1.5, 1.5]"],
  ]),
  ["upsampling of rank 2", "upsampleNearest2d", () => g.upsampleNearest2d(f32(2, 2), 2), "f32[2, 2]"],
  ["upsampling by a fraction", "upsampleNearest2d", () => g.upsampleNearest2d(f32(1, 1, 2, 2), 1.5), "[1.5, 1.5]"],
  ["gathering at floats", "gather", () => g.gather(f32(3), f32(2)), "f32[2]"],
  ["gathering along a missing axis", "gather", () => g.gather(f32(3), i32(2), 1), "1", "[3]"],
  ["gathering from a scalar", "gather", () => g.gather(f32(), i32(2)), "[]"],
  ["scattering at floats", "scatterAdd", () => g.scatterAdd(f32(2), f32(2), 3), "f32[2]"],
  ["scattering at fewer places", "scatterAdd", () => g.scatterAdd(f32(3), i32(2), 4), "f32[3]", "i32[2]"],
  ["scattering booleans", "scatterAdd", () => g.scatterAdd(bool(2), i32(2), 4), "bool[2]"],
  ["one-hot rows of floats", "oneHot", () => g.oneHot(f32(2), 3), "f32[2]"],
  ["the gradient of a vector", "grad", () => g.grad((x: g.Tensor) => g.exp(x))(f32(2, 3)), "[2, 3]"],
  ["the gradient of an integer", "grad", () => g.grad((x: g.Tensor) => g.argmax(x))(f32(2)), "i32[]"],
  ["a cotangent of another shape", "vjp", () => g.vjp((x: g.Tensor) => g.exp(x), f32(2))[1](f32(3)), "[2]", "[3]"],
];

describe.each([
  ["elementwise", elementwise],
  ["reductions", reductions],
  ["movement", movement],
  ["products", products],
  ["pools, indices, derivatives", poolsAndIndices],
])("%s", (_, cases) => {
  test.each(cases)("%s (%s)", (_problem, operation, build, ...words) => {
    let error: unknown;
    try {
      build();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(g.ShapeError);
    const { message } = error as g.ShapeError;
    expect(message.startsWith(`${operation}: `), message).toBe(true);
    for (const word of words) expect(message).toContain(word);
  });
});

describe("shapes that are inferred", () => {
  const cases: [what: string, x: g.Tensor, shape: number[], dtype: g.DType][] = [
    ["a scalar with a matrix", g.add(f32(), f32(2, 3)), [2, 3], "f32"],
    ["an empty axis with 1", g.add(f32(0, 1), f32(1, 3)), [0, 3], "f32"],
    ["a number with integers", g.mul(i32(2), 3), [2], "i32"],
    ["a comparison", g.less(f32(2, 1), f32(3)), [2, 3], "bool"],
    ["an empty list of axes", g.max(f32(2, 3), []), [2, 3], "f32"],
    ["an index drops its axis", g.slice(f32(2, 3, 4), 0, { start: 1 }, -1), [2], "f32"],
    ["an empty range", g.slice(f32(5), { start: 2, end: 2, stride: 3 }), [0], "f32"],
    ["gather in the middle", g.gather(f32(2, 3, 4), i32(5, 6), 1), [2, 5, 6, 4], "f32"],
    ["batches", g.matmul(f32(7, 1, 2, 3), f32(5, 4, 3), { transB: true }), [7, 5, 2, 4], "f32"],
    ["a convolution", g.conv2d(f32(2, 3, 8, 9), f32(5, 3, 3, 2), { stride: [2, 3], padding: 1 }), [2, 5, 4, 4], "f32"],
    ["its transpose", g.convTranspose2d(f32(2, 3, 4, 4), f32(3, 5, 3, 2), { stride: [2, 3] }), [2, 5, 9, 11], "f32"],
    ["argmax", g.argmax(f32(2, 3)), [2], "i32"],
  ];
  test.each(cases)("%s", (_, x, shape, dtype) => {
    expect([x.shape, x.dtype]).toEqual([shape, dtype]);
  });
});
