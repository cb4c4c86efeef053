/** A graph cut at averages over ranks: what a later stage is handed, and what it computes anew. */
import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import type { InputAttrs } from "../../src/graph/internal.js";
import { stagesOf } from "../../src/runtime/stages.js";

const [x, w] = [g.input("x", { shape: [64, 16], dtype: "f32" }), g.input("w", { shape: [16, 16], dtype: "f32" })];
const handed = (outputs: Record<string, g.Tensor>) =>
  stagesOf({ name: "f", inputs: [x, w], outputs: Object.entries(outputs) }).map(({ graph }) =>
    graph.inputs.map((node) => (node.attrs as InputAttrs).name),
  );

test("a later stage makes simple functions anew of what it is handed once", () => {
  const product = g.matmul(x, w);
  const centred = g.sub(product, g.allMean(g.mean(product, 0)));
  const active = g.leakyRelu(centred, 0.2);
  const scale = g.allMean(g.mean(g.square(active)));
  // The last stage wants the product, its centred values and their activation: three arrays of the same size.
  const last = g.add(g.mul(active, scale), g.add(centred, product));
  const [, , inputs] = handed({ last });
  expect(inputs!.filter((name) => name.startsWith("value."))).toHaveLength(1);
  expect(inputs!.filter((name) => name.startsWith("mean."))).toHaveLength(2);
});

test("what would take more to compute is handed on as it is", () => {
  const mean = g.allMean(g.mean(x));
  const narrow = g.sum(g.matmul(x, w), 1);
  // 64 numbers are handed on, and not the 1,024 that are their sum.
  const [, inputs] = handed({ y: g.mul(g.neg(narrow), mean) });
  expect(inputs).toHaveLength(2);
  // The product of two matrices is not computed twice.
  const [, again] = handed({ y: g.mul(g.matmul(x, w), mean) });
  expect(again!.sort()).toEqual(["mean.0", "value.1"]);
});

test("of two arrays that make one the one is handed on", () => {
  const [a, b] = [g.matmul(x, w), g.matmul(x, g.neg(w))];
  const [, inputs] = handed({ y: g.mul(g.add(a, b), g.allMean(g.mean(x))) });
  expect(inputs!.sort()).toEqual(["mean.0", "value.1"]);
});
