/** The house rules of docs/architecture.md that a compiler does not check: who may import whom. */
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Import, importsOf, readImports, roomOf } from "../scripts/imports.js";
import { stale } from "../scripts/rooms.js";

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const PAGES = fileURLToPath(new URL("../pages", import.meta.url));

/** From the bottom up: a layer imports from itself and from those before it. */
const LAYERS = [
  "files",
  "graph",
  "runtime",
  "nn",
  "samplers",
  "ebm",
  "data",
  "tables",
  "teacher",
  "train",
  "cluster",
  "runs",
  "score",
  "evaluate",
  "interchange",
  "export",
  "sweep",
  "studio",
  "cli",
];
/** These stand beside `data`: they build on no more than `runtime`, and `teacher` and above build on them. */
const BESIDE_DATA = ["figures", "metrics"];
/** Files directly in `src`: what the package exports. */
const TOP = "entry";
/** These run in web pages: neither Node nor native code. */
const PORTABLE = ["graph", "runtime", "nn", "samplers", "ebm", "metrics", "teacher", "train"];
const NATIVE_ENGINE = "runtime/engine-node.ts";

const { source, imports } = readImports(SRC);
const files = [...source.keys()];
const layerOf = (file: string) => roomOf(file, 1) ?? TOP;

/** Why one layer may not import another, or undefined where it may. */
function objection(from: string, to: string): string | undefined {
  if (from === to || from === TOP) return undefined;
  if (to === TOP) return "nothing imports the entry points";
  const level = (layer: string) => (LAYERS.includes(layer) ? LAYERS.indexOf(layer) : Number.POSITIVE_INFINITY);
  if (BESIDE_DATA.includes(from)) return level(to) <= level("runtime") ? undefined : `${from} stops at runtime`;
  if (BESIDE_DATA.includes(to)) return level(from) >= level("teacher") ? undefined : `${to} is for teacher and above`;
  return level(to) < level(from) ? undefined : `${to} is above ${from}`;
}

/** Every cycle's shortest form, found from each file by breadth-first search over imports that remain at run time. */
function findCycles(graph: ReadonlyMap<string, readonly Import[]>): string[] {
  const cycles = new Map<string, string>();
  for (const start of graph.keys()) {
    const queue: string[][] = [[start]];
    const seen = new Set<string>();
    for (const path of queue) {
      for (const { target, typeOnly } of graph.get(path.at(-1)!) ?? []) {
        if (typeOnly) continue;
        if (target === start) cycles.set([...path].sort().join(), [...path, start].join(" → "));
        else if (!seen.has(target)) {
          seen.add(target);
          queue.push([...path, target]);
        }
      }
    }
  }
  return [...cycles.values()];
}

describe("the parser of imports", () => {
  test("knows types, values, multi-line lists, re-exports and dynamic imports", () => {
    const code = [
      'import "./a.js";',
      'import type { B } from "./b.js";',
      'import { type C, type D } from "../c.js";',
      'import {\n  e,\n  type F,\n} from "node:fs";',
      'export * from "./g.js";',
      'const h = await import("h");',
      ' * import { no } from "./comment.js";',
    ].join("\n");
    expect(importsOf("nn/x.ts", code)).toEqual([
      { target: "nn/a.ts", typeOnly: false },
      { target: "nn/b.ts", typeOnly: true },
      { target: "c.ts", typeOnly: true },
      { target: "node:fs", typeOnly: false },
      { target: "nn/g.ts", typeOnly: false },
      { target: "h", typeOnly: false },
    ]);
  });

  test("finds what every file imports from", () => {
    const unresolved = [...imports].flatMap(([f, list]) =>
      list.filter(({ target }) => target.endsWith(".ts") && !source.has(target)).map(({ target }) => `${f}: ${target}`),
    );
    expect(unresolved).toEqual([]);
    expect([...imports.values()].flat().length).toBeGreaterThan(files.length);
  });
});

test("imports run downward", () => {
  const wrong: string[] = [];
  for (const [file, list] of imports) {
    expect([...LAYERS, ...BESIDE_DATA, TOP], `the folder of ${file}`).toContain(layerOf(file));
    for (const { target } of list) {
      const why = source.has(target) ? objection(layerOf(file), layerOf(target)) : undefined;
      if (why !== undefined) wrong.push(`${file} imports ${target}: ${why}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("graph imports nothing from outside", () => {
  const outside = [...imports].flatMap(([file, list]) =>
    layerOf(file) === "graph" ? list.filter(({ target }) => !target.startsWith("graph/")).map((i) => i.target) : [],
  );
  expect(outside).toEqual([]);
});

test("what runs in web pages imports neither Node nor native code", () => {
  const files = [...imports.keys()].filter((f) => PORTABLE.includes(layerOf(f)) && f !== NATIVE_ENGINE);
  const reached = new Set([...files, "web.ts"]); // a Set iterates over what is added meanwhile
  const wrong: string[] = [];
  for (const file of reached) {
    for (const { target, typeOnly } of imports.get(file)!) {
      if (target.startsWith("node:") || target === "onnxruntime-node" || target === NATIVE_ENGINE) {
        wrong.push(`${file} imports ${target}`);
      } else if (source.has(target) && !typeOnly) reached.add(target);
    }
  }
  expect(wrong).toEqual([]);
});

test("Node's modules are imported with their prefix", () => {
  const bare = /^(fs|path|os|url|util|zlib|crypto|stream|http|https|events|child_process|worker_threads|buffer)(\/|$)/;
  expect([...imports.values()].flat().filter(({ target }) => bare.test(target))).toEqual([]);
});

test("Vega is loaded when a chart is drawn, not before", () => {
  const early = [...source].filter(([, code]) => /^(import|export) (?!type ).*"vega(-lite)?"/m.test(code));
  expect(early.map(([file]) => file)).toEqual([]);
});

/** Pages are built of the entry for web pages, and of colours, which are numbers alone; of all else they know the types. */
test("pages import the entry for web pages, or types", () => {
  const values = ["web.ts", "figures/colormap.ts"];
  const wrong: string[] = [];
  const names = readdirSync(PAGES, { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f));
  for (const name of names.filter((f) => f !== "vite.config.ts")) {
    // As if they lay beside src: `../../src/web.js` of a page in a folder is then `src/web.ts`.
    const code = readFileSync(join(PAGES, name), "utf8");
    for (const { target, typeOnly } of importsOf(`pages/${name.split(sep).join("/")}`, code)) {
      const below = /^src\/(.*)$/.exec(target)?.[1];
      if (below !== undefined && !typeOnly && !values.includes(below)) wrong.push(`${name} imports ${below}`);
      if (target.startsWith("node:") || target === "onnxruntime-node") wrong.push(`${name} imports ${target}`);
    }
    if (code.split("\n").length > 400) wrong.push(`${name} is longer than 400 lines`);
  }
  expect(names.length).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

test("modules do not import one another in circles", () => {
  expect(findCycles(imports)).toEqual([]);
});

/** The folders of a layer: what lies directly in it, its entry and what all of them take, aside. */
test("rooms of a layer do not import one another in circles", () => {
  const rooms = new Map<string, Import[]>();
  for (const [file, list] of imports) {
    const from = roomOf(file, 2);
    if (from === null) continue;
    const to = list.map(({ target, typeOnly }) => ({ target: roomOf(target, 2) ?? "", typeOnly }));
    const beside = to.filter(({ target }) => target !== from && layerOf(`${target}/`) === layerOf(file));
    rooms.set(from, [...(rooms.get(from) ?? []), ...beside]);
  }
  expect(rooms.size).toBeGreaterThan(20);
  expect(findCycles(rooms)).toEqual([]);
});

test("docs/architecture.md has the rooms as they are: npm run docs:rooms draws them", () => {
  expect(stale()).toEqual([]);
});

test("the search for circles finds them", () => {
  const to = (...targets: string[]) => targets.map((target) => ({ target, typeOnly: false }));
  const graph = new Map([
    ["a", to("b")],
    ["b", to("c")],
    ["c", to("a")],
    ["d", [{ target: "e", typeOnly: true }]],
    ["e", to("d")],
  ]);
  expect(findCycles(graph)).toEqual(["c → a → b → c"]);
});

/**
 * Streams of random numbers are made here alone; elsewhere they have names (runtime/streams.ts). Splits have a stream that is nobody else's,
 * and who waits for a lock may wait for any time.
 */
const STREAMS = ["runtime/random.ts", "runtime/streams.ts", "data/partition.ts", "files/lock.ts"];
const MADE = /\bnew\s+Rng\b|\bMath\s*\.\s*random\b/;

test("streams of random numbers have names", () => {
  const made = [...source].filter(([file, code]) => MADE.test(code) && !STREAMS.includes(file)).map(([file]) => file);
  expect(made, "take streams(seed).for(name) instead").toEqual([]);
  for (const code of ["new Rng(0)", "new  Rng(config.seed + 2)", "Math.random()"]) expect(code).toMatch(MADE);
});

test("no two places give a stream the same name", () => {
  const names = [...source].flatMap(([file, code]) =>
    [...code.matchAll(/\.for\(\s*("[^"]+"|`[^`]+`)\s*,?\s*\)/g)].map(([, name]) => ({ file, name: name! })),
  );
  expect(names.length).toBeGreaterThan(30);
  // Whatever is put in, the texts around it differ.
  const fixed = names.map(({ name }) => name.slice(1, -1).replace(/\$\{[^}]+\}/g, "…"));
  expect(fixed.filter((name, i) => fixed.indexOf(name) !== i)).toEqual([]);
  // And all of them are seen: names are literals.
  const calls = [...source].flatMap(([file, code]) => [...code.matchAll(/(?<!Symbol)\.for\(/g)].map(() => file));
  expect(calls.length).toBe(names.length);
});

test("there is no utils folder, and no file is longer than 400 lines", () => {
  expect(files.filter((f) => /(^|\/)(utils?|helpers|misc|common)(\/|\.ts$)/.test(f))).toEqual([]);
  const long = [...source].filter(([, code]) => code.split("\n").length > 400).map(([f]) => f);
  expect(long).toEqual([]);
});
