import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinPath, leaves, mapTree, type Tree, zipTrees } from "../../src/graph/tree.js";

const isNumber = (value: unknown): value is number => typeof value === "number";
const tree = { layers: [{ w: 1, b: 2 }, { w: 3 }], scale: 4, none: [], nothing: {} };

/** Random trees of numbers. Names have no dots, so that paths are unique. */
const trees: fc.Arbitrary<Tree<number>> = fc.letrec<{ tree: Tree<number> }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.integer(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(
      fc.string().map((s) => s.replaceAll(".", "")),
      tie("tree"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).tree;

describe("mapTree", () => {
  test("keeps the structure and visits leaves in order, with their paths", () => {
    const seen: string[] = [];
    const doubled = mapTree(tree, isNumber, (x: number, path) => {
      seen.push(path);
      return 2 * x;
    });
    expect(doubled).toEqual({ layers: [{ w: 2, b: 4 }, { w: 6 }], scale: 8, none: [], nothing: {} });
    expect(seen).toEqual(["layers.0.w", "layers.0.b", "layers.1.w", "scale"]);
  });

  test("a leaf is a tree", () => {
    expect(mapTree(5, isNumber, (x: number, path) => [x, path])).toEqual([5, ""]);
    expect(leaves(5, isNumber, "x")).toEqual([["x", 5]]);
  });

  test("what a predicate takes for a leaf is not entered", () => {
    const isPair = (v: unknown): v is number[] => Array.isArray(v) && v.length === 2;
    expect(leaves({ a: [1, 2], b: [[3, 4]] }, isPair)).toEqual([
      ["a", [1, 2]],
      ["b.0", [3, 4]],
    ]);
  });

  test("records without a prototype are plain, those of a class are not", () => {
    const bare = Object.assign(Object.create(null) as Record<string, number>, { a: 1 });
    expect(leaves(bare, isNumber)).toEqual([["a", 1]]);
    expect(() => leaves({ at: new Date(0) }, isNumber)).toThrow(
      new TypeError('unexpected Date value at "at" of a tree'),
    );
  });

  test.each([
    ["a string", { a: [1, "two"] }, 'unexpected string value at "a.1" of a tree'],
    ["undefined", { a: undefined }, 'unexpected undefined at "a" of a tree'],
    ["null", [null], 'unexpected null at "0" of a tree'],
    ["a typed array", { x: new Float32Array(2) }, 'unexpected Float32Array value at "x" of a tree'],
    ["a function at the root", () => 1, "unexpected function value at the root of a tree"],
  ])("%s is neither leaf nor branch: the error names its path", (_, value, message) => {
    expect(() => mapTree(value as unknown, isNumber, (x) => x)).toThrow(new TypeError(message));
  });

  test("the identity on random trees; composition", () => {
    fc.assert(
      fc.property(trees, (t) => {
        expect(mapTree<unknown, number, number>(t, isNumber, (x) => x)).toEqual(t);
        const once = mapTree<unknown, number, number>(t, isNumber, (x) => 2 * x + 1);
        const twice = mapTree<unknown, number, number>(
          mapTree<unknown, number, number>(t, isNumber, (x) => 2 * x),
          isNumber,
          (x) => x + 1,
        );
        expect(once).toEqual(twice);
      }),
      { seed: 1 },
    );
  });
});

test("leaves are those that mapTree visits, below a prefix", () => {
  expect(leaves({ a: [1], b: 2 }, isNumber, "p")).toEqual([
    ["p.a.0", 1],
    ["p.b", 2],
  ]);
  fc.assert(
    fc.property(trees, (t) => {
      const visited: [string, number][] = [];
      mapTree<unknown, number, number>(t, isNumber, (x, path) => visited.push([path, x]));
      expect(leaves(t, isNumber)).toEqual(visited);
    }),
    { seed: 1 },
  );
});

describe("zipTrees", () => {
  test("combines leaf by leaf, whatever the order of the names", () => {
    const [a, b] = [
      { x: 1, y: [2, 3] },
      { y: [20, 30], x: 10 },
    ];
    expect(zipTrees(a, [b, a], isNumber, (...v) => v.reduce((s, t) => s + t))).toEqual({ x: 12, y: [24, 36] });
  });

  test("with no others it is mapTree", () => {
    expect(zipTrees(tree, [], isNumber, (x) => x)).toEqual(tree);
  });

  test.each([
    ["a leaf is missing", { a: 1, b: 2 }, { a: 1 }, 'no leaf "b"'],
    ["a leaf is too many", { a: 1 }, { a: 1, b: 2 }, "1 leaves and 2 leaves"],
    ["a leaf is a branch", { a: 1 }, { a: [1] }, 'no leaf "a"'],
    ["a list is shorter", [1, 2, 3], [1, 2], 'no leaf "2"'],
  ])("%s", (_, a, b, message) => {
    expect(() => zipTrees(a as unknown, [b], isNumber, (x) => x)).toThrow(TypeError);
    expect(() => zipTrees(a as unknown, [b], isNumber, (x) => x)).toThrow(message);
  });
});

test("joinPath leaves out empty parts", () => {
  expect(joinPath("", "a", 0, "", "w")).toBe("a.0.w");
  expect(joinPath("", "")).toBe("");
});
