/** What models look like: names that can be read, standard operators where asked for, the same numbers either way. */
import { describe, expect, test } from "vitest";
import * as graph from "../../src/graph/internal.js";
import * as v from "../../src/portable.js";
import { nodeEngine } from "../../src/runtime/engine-node.js";
import { examples } from "./models.js";

const all = examples();

test("the examples use every primitive", () => {
  const used = new Set(all.flatMap((e) => v.topologicalOrder(e.outputs()).map((t) => t.primitive)));
  const known = Object.entries(graph).filter(([key]) => key.endsWith("Primitive"));
  expect(known.length).toBeGreaterThan(40);
  const unused = known.filter(([, primitive]) => !used.has(primitive as v.Primitive)).map(([key]) => key);
  // A mean over ranks is in no model: graphs are cut at it; and simplified ones have none of its variance (train/ranks.test.ts).
  expect(unused).toEqual(["allMeanPrimitive", "varianceAcrossPrimitive"]);
});

describe.each(all)("$name", (e) => {
  const kinds = { plain: e.model(), standard: e.model({ standardOnly: true }), blocked: e.model({ block: 16 }) };

  test.each(Object.entries(kinds))("%s: names are unique and every input was made before", (_, m) => {
    const made = new Set<string>([...m.inputs, ...m.initializers].map((x) => x.name));
    expect(made.size).toBe(m.inputs.length + m.initializers.length);
    for (const node of m.nodes) {
      for (const name of node.inputs) expect(name === "" || made.has(name), `${name} of ${node.name}`).toBe(true);
      for (const name of node.outputs) {
        expect(made.has(name), name).toBe(false);
        made.add(name);
      }
    }
    for (const { name } of m.outputs) expect(made.has(name), name).toBe(true);
    expect(new Set(m.nodes.map((n) => n.name)).size).toBe(m.nodes.length);
  });

  test("standard models have standard operators only", () => {
    expect(new Set(kinds.standard.nodes.map((n) => n.domain))).toEqual(new Set([""]));
    expect(Object.keys(kinds.standard.opsets)).toEqual([""]);
  });

  test.each([
    ["standard models", { standardOnly: true }],
    ["models for a graphics card", { card: true }],
  ])("%s give the same numbers", async (_, options) => {
    const session = await nodeEngine({ threads: 1 }).load(e.onnx(options));
    const standard = await session.run(e.feeds);
    await session.release();
    const usual = await e.run();
    expect(Object.keys(standard)).toEqual(Object.keys(usual));
    for (const [name, value] of Object.entries(usual)) {
      const scale = Math.max(1, ...value.data.map(Math.abs)); // 1e-4: a thousand roundings of 32-bit floats
      const worst = Math.max(0, ...value.data.map((x, i) => Math.abs(x - standard[name]!.data[i]!)));
      expect(worst / scale, name).toBeLessThan(1e-4);
    }
  });
});

test("values are named after paths of trees and scopes", () => {
  const m = all.find((e) => e.name === "training")!.model();
  expect(m.name).toBe("training");
  expect(m.inputs.map((x) => x.name)).toContain("state.generator.embedding");
  expect(m.inputs.map((x) => x.name)).toContain("labels");
  expect(m.outputs.map((x) => x.name)).toContain("out.losses.critic");
  const names = m.nodes.map((n) => n.name);
  expect(names).toContain("critic/Conv");
  expect(names).toContain("generator/Tanh");
  expect(names.some((n) => n.startsWith("grad/critic/"))).toBe(true);
});

test("names in trees that look like generated ones do no harm", async () => {
  const f = v.compile(
    (p: Record<string, v.Tensor>) => ({ Add: v.add(v.add(p.Add!, p.Add_1!), v.exp(v.add(p.scalar_2!, 2))) }),
    { argNames: [""] },
  );
  const ones = { Add: v.full([2], 1), Add_1: v.full([2], 1), scalar_2: v.full([2], 1), Exp: v.full([2], 1) };
  expect((await f(ones)).Add.data[0]).toBeCloseTo(2 + Math.exp(3), 4);
});
