/** What a sweep trains: settings from its file, each with every seed. */
import { basename, extname } from "node:path";
import * as v from "valibot";
import { checked } from "../files/read-back.js";
import { ConfigError, readConfigFile, resolveConfig, type TrainConfig } from "../runs/config/index.js";
import { streams } from "../runtime/index.js";

type Value = number | boolean | string | null | readonly (number | string)[];
type Settings = Readonly<Record<string, Value>>;

/** Settings that are compared: one row of the table of results. */
export interface Variant {
  /** What the file calls it, or what sets it apart, `lr=0.001 ent-weight=0.01`; `as given` where nothing does. */
  readonly name: string;
  readonly preset: string | null;
  /** Beside the preset's. */
  readonly settings: Settings;
}

/** One run. */
export interface Member {
  /** Of its folder below the sweep's. */
  readonly name: string;
  readonly variant: Variant;
  readonly seed: number;
  /** As its folder will say it. */
  readonly config: TrainConfig;
}

/** Variants that do badly are not trained to the end (successive halving, Jamieson & Talwalkar 2016). */
export interface Halving {
  /** Of the validation split, as in metrics.jsonl. */
  readonly metric: string;
  readonly best: "highest" | "lowest";
  /** Iterations after which variants are compared, by the mean over their seeds. */
  readonly rungs: readonly number[];
  /** Share of them that goes on, rounded up. */
  readonly keep: number;
}

export interface Plan {
  readonly name: string;
  readonly variants: readonly Variant[];
  readonly members: readonly Member[];
  readonly halving: Halving | null;
}

const VALUE = v.union([v.number(), v.boolean(), v.string(), v.null(), v.array(v.union([v.number(), v.string()]))]);
const SETTINGS = v.record(v.string(), VALUE);
/** Settings that go together, and what they are called. */
const ENTRY = v.objectWithRest({ name: v.optional(v.pipe(v.string(), v.nonEmpty())) }, VALUE);
const SPAN = v.strictTuple([v.number(), v.number()]);
/** Where a setting is drawn from: values, or a span, evenly or evenly in its logarithm. */
const DRAWN = v.union([v.array(VALUE), v.strictObject({ uniform: SPAN }), v.strictObject({ log: SPAN })]);
const count = (least: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(least));

const FILE = v.strictObject({
  preset: v.optional(v.string()),
  settings: v.optional(SETTINGS, {}),
  grid: v.optional(v.record(v.string(), v.pipe(v.array(VALUE), v.minLength(1))), {}),
  list: v.optional(v.pipe(v.array(ENTRY), v.minLength(1))),
  random: v.optional(
    v.strictObject({ draws: count(1), seed: v.optional(v.number(), 0), of: v.record(v.string(), DRAWN) }),
  ),
  seeds: v.optional(v.pipe(v.array(count(0)), v.minLength(1))),
  repeat: v.optional(count(1), 1),
  halving: v.optional(
    v.strictObject({
      metric: v.string(),
      best: v.optional(v.picklist(["highest", "lowest"]), "highest"),
      rungs: v.pipe(v.array(count(1)), v.minLength(1)),
      keep: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 0.5),
    }),
  ),
});
type File = v.InferOutput<typeof FILE>;

/** Seeds of `repeat`, as those of the results in the documentation. */
const FIRST_SEED = 1234;

/**
 * Reads a sweep's file.
 * @param folder of all its runs
 * @throws ConfigError for a key that is none, or a member whose settings cannot be, before anything is trained
 */
export async function readPlan(path: string, folder: string): Promise<Plan> {
  const content = await readConfigFile(path);
  const keys = Object.keys(FILE.entries).join(", ");
  const file = checked(
    FILE,
    content,
    (problem) => new ConfigError(`${path}: ${problem}; a sweep may have ${keys}: see docs/sweeps.md`),
  );
  const variants = variantsOf(file);
  const names = new Set(variants.map(({ name }) => name));
  if (names.size < variants.length) throw new ConfigError(`${path}: two of its settings are the same`);
  const seeds = file.seeds ?? Array.from({ length: file.repeat }, (_, i) => FIRST_SEED + i);
  const members = variants.flatMap((variant) =>
    seeds.map((seed) => {
      const name = `${folderName(variant.name)}-seed${seed}`;
      const flags = { ...variant.settings, seed, saveDir: `${folder}/${name}` };
      return { name, variant, seed, config: configOf(variant, flags, path) };
    }),
  );
  const folders = members.map(({ name }) => name);
  const twice = folders.find((name, i) => folders.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(
      `${path}: two of its runs would have the folder ${twice}; give their settings names (name: …)`,
    );
  return { name: basename(path, extname(path)), variants, members, halving: file.halving ?? null };
}

function configOf({ name, preset }: Variant, flags: Settings, path: string): TrainConfig {
  try {
    return resolveConfig({ flags, ...(preset !== null && { preset }) });
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(`${path}, ${name}: ${cause.message}`, { cause });
  }
}

function variantsOf({ preset: common, settings, grid, list = [{}], random }: File): Variant[] {
  const drawn = random === undefined ? [{}] : draws(random);
  return list.flatMap(({ name, ...own }) =>
    combinations(grid).flatMap((cell) =>
      drawn.map((draw): Variant => {
        const apart = name === undefined ? { ...own, ...cell, ...draw } : { ...cell, ...draw };
        const { preset = common, ...rest } = { ...settings, ...own, ...cell, ...draw };
        return {
          name: [name ?? "", nameOf(apart)].filter((part) => part !== "").join(" ") || "as given",
          preset: preset == null ? null : String(preset),
          settings: rest,
        };
      }),
    ),
  );
}

/** Every choice of one value for each name. */
const combinations = (grid: Readonly<Record<string, readonly Value[]>>): Settings[] =>
  Object.entries(grid).reduce<Settings[]>(
    (made, [name, values]) => made.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );

function draws({ draws: times, seed, of }: NonNullable<File["random"]>): Settings[] {
  const rng = streams(seed).for("settings of a sweep");
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * rng.random();
  const draw = (from: v.InferOutput<typeof DRAWN>): Value => {
    if (Array.isArray(from)) return from[rng.below(from.length)]!;
    const value =
      "log" in from
        ? Math.exp(between([Math.log(from.log[0]), Math.log(from.log[1])]))
        : between((from as { uniform: [number, number] }).uniform);
    return Number(value.toPrecision(4));
  };
  return Array.from({ length: times }, () =>
    Object.fromEntries(Object.entries(of).map(([name, from]) => [name, draw(from)])),
  );
}

const nameOf = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(",") : value}`)
    .join(" ");

/** What file systems take, of any name. */
const folderName = (name: string): string => name.replaceAll(/[^\w.=,+-]+/g, "_").slice(0, 120);
