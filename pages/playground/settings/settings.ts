/**
 * All settings of a run, and the address that holds them: `#/plane?data=moons&seed=3`. What is as usual is left out of the address, and what
 * an address gets wrong is as usual.
 */
import type { data } from "../../../src/web.js";
import { inRange, NUMBER_NAMES, NUMBERS, type NumberName } from "./numbers.js";
import { decodePoints, encodePoints } from "./points.js";

export type Method = "vera" | "sgld" | "ssm" | "ed";
export const METHODS: readonly Method[] = ["vera", "sgld", "ssm", "ed"];

export const TOYS = [
  "8gaussians",
  "moons",
  "circles",
  "pinwheel",
  "2spirals",
  "checkerboard",
  "rings",
  "swissroll",
] as const satisfies readonly data.ToyName[];

export type Chapter = "plane" | "digits";

/** What is drawn over the landscape. */
export const LAYERS = ["data", "samples", "grid", "score", "entropy"] as const;
export type LayerName = (typeof LAYERS)[number];

export type Numbers = { readonly [name in NumberName]: number };

export interface Settings {
  readonly chapter: Chapter;
  /** A toy density, or points of one's own. */
  readonly data: data.ToyName | "points";
  /** Points of one's own, flat `[x, y, …]`; empty with a toy density. */
  readonly points: readonly number[];
  readonly methods: readonly Method[];
  /** The one that is shown large. */
  readonly focus: Method;
  /** Whether f starts from a Gaussian that was fitted to the data. */
  readonly base: boolean;
  readonly engine: "wasm" | "webgpu";
  readonly shown: "logp" | "p";
  readonly layers: readonly LayerName[];
  readonly numbers: Numbers;
}

export const DEFAULTS: Settings = {
  chapter: "plane",
  data: "8gaussians",
  points: [],
  methods: METHODS,
  focus: "vera",
  base: true,
  engine: "wasm",
  shown: "logp",
  layers: ["data", "samples"],
  numbers: Object.fromEntries(NUMBER_NAMES.map((name) => [name, NUMBERS[name].value])) as Numbers,
};

const oneOf = <T extends string>(values: readonly T[], value: string | null, usual: T): T =>
  values.find((v) => v === value) ?? usual;

/** Those that a list names, in the order of `values`; null where there is no list. */
const listed = <T extends string>(values: readonly T[], list: string | null): readonly T[] | null =>
  list === null ? null : values.filter((v) => list.split(",").includes(v));

/** Settings that the part of an address behind the # says. */
export function fromHash(hash: string): Settings {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const query = new URLSearchParams(search);
  const points = decodePoints(query.get("points") ?? "");
  const named = oneOf([...TOYS, "points"], query.get("data"), points.length > 0 ? "points" : DEFAULTS.data);
  const chosen = listed(METHODS, query.get("methods")) ?? DEFAULTS.methods;
  const methods = chosen.length === 0 ? DEFAULTS.methods : chosen;
  const focus = oneOf(METHODS, query.get("focus"), DEFAULTS.focus);
  const read = (name: NumberName) => {
    const text = query.get(name);
    return text === null || text === "" ? NUMBERS[name].value : inRange(name, Number(text));
  };
  return {
    chapter: path === "digits" ? "digits" : "plane",
    data: named,
    points: named === "points" ? points : [],
    methods,
    focus: methods.includes(focus) ? focus : methods[0]!,
    base: query.get("base") !== "none",
    engine: oneOf(["wasm", "webgpu"], query.get("engine"), DEFAULTS.engine),
    shown: oneOf(["logp", "p"], query.get("shown"), DEFAULTS.shown),
    layers: listed(LAYERS, query.get("layers")) ?? DEFAULTS.layers,
    numbers: Object.fromEntries(NUMBER_NAMES.map((name) => [name, read(name)])) as Numbers,
  };
}

/** The address of settings. */
export function toHash(settings: Settings): string {
  const query: [string, string][] = [];
  const say = (name: string, value: string, usual: string) => value !== usual && query.push([name, value]);
  say("data", settings.data, DEFAULTS.data);
  if (settings.data === "points") query.push(["points", encodePoints(settings.points)]);
  say("methods", settings.methods.join(), DEFAULTS.methods.join());
  say("focus", settings.focus, DEFAULTS.focus);
  say("base", settings.base ? "gaussian" : "none", "gaussian");
  say("engine", settings.engine, DEFAULTS.engine);
  say("shown", settings.shown, DEFAULTS.shown);
  say("layers", settings.layers.join(), DEFAULTS.layers.join());
  for (const name of NUMBER_NAMES) say(name, String(settings.numbers[name]), String(NUMBERS[name].value));
  const search = query.map(([name, value]) => `${name}=${value}`).join("&");
  return `#/${settings.chapter}${search && `?${search}`}`;
}

/** What a run depends on: where it changes, training begins anew. */
export const runKey = ({ data, points, base, engine, numbers }: Settings): string =>
  JSON.stringify([data, points, base, engine, numbers]);
