/** Files that a run leaves behind, changed in one place each, and what the commands say of them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vera } from "../../src/cli/vera.js";
import { resolveConfig, train } from "../../src/train/index.js";

/** What any value is replaced by. */
const OTHERS: readonly unknown[] = [null, "", "abc", 0, -1, 1.5, 1e9, [], {}, true];

export interface Mutant {
  /** `run.data.shape.0 = "abc"`, or `run.data.shape removed`. */
  readonly change: string;
  readonly content: unknown;
}

type Container = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** Elements of a list that are changed: its first ones stand for all. */
const ELEMENTS = 2;

/** Every content that differs from `content` in one key, at any depth: removed, or replaced by a value of {@link OTHERS}. */
export function* mutants(content: unknown, path: readonly string[] = []): Generator<Mutant> {
  if (!isContainer(content)) return;
  const keys = Object.keys(content).slice(0, Array.isArray(content) ? ELEMENTS : undefined);
  for (const key of keys) {
    const at = [...path, key];
    const value = content[key as keyof typeof content] as unknown;
    const changed = (next: unknown): unknown => {
      const copy = structuredClone(content);
      if (next === undefined) Array.isArray(copy) ? copy.splice(Number(key), 1) : delete copy[key];
      else copy[key as keyof typeof copy] = next as never;
      return copy;
    };
    yield { change: `${at.join(".")} removed`, content: changed(undefined) };
    for (const other of OTHERS) {
      if (JSON.stringify(other) === JSON.stringify(value)) continue;
      yield { change: `${at.join(".")} = ${JSON.stringify(other)}`, content: changed(other) };
    }
    for (const inner of mutants(value, at)) yield { change: inner.change, content: changed(inner.content) };
  }
}

/** Errors that are told to a user as they are. Any other has escaped from within. */
const OWN =
  /^vera: (UsageError|ConfigError|DataError|CheckpointError|FileError|ExportError|InterchangeError|DivergenceError|MemoryError)\b/;

export interface Outcome {
  readonly code: number;
  /** One of the project's own errors, or none. */
  readonly clear: boolean;
  readonly message: string;
}

/** What a command ends in. */
export async function outcome(...argv: string[]): Promise<Outcome> {
  const err: string[] = [];
  const code = await vera([...argv, "--debug"], { out: { write: () => {} }, err: { write: (t) => err.push(t) } });
  const message = err.findLast((text) => text.startsWith("vera: ")) ?? err.join("");
  return { code, clear: code === 0 || OWN.test(message), message };
}

export const KINDS = ["toy", "table", "images"] as const;
export type Kind = (typeof KINDS)[number];

export interface TinyRun {
  readonly folder: string;
  /** A file that `vera score` can score by it. */
  readonly inputs: string;
}

const BRIEF = { batchSize: 8, nIters: 2, plots: false, threads: 1, evalEvery: 1, ckptEvery: 1, printEvery: 1 };

/** Trains for two iterations. */
export async function tinyRun(kind: Kind, folder: string): Promise<TinyRun> {
  await mkdir(folder, { recursive: true });
  const [saveDir, inputs] = [join(folder, "run"), join(folder, "inputs.csv")];
  const of = await { toy, table, images }[kind](folder, inputs);
  await train(resolveConfig({ flags: { ...BRIEF, ...of, saveDir } }));
  return { folder: saveDir, inputs: kind === "images" ? join(folder, "in.png") : inputs };
}

async function toy(_: string, inputs: string) {
  await writeFile(inputs, "0,1\n1,0\n");
  return { dataset: "moons", hDim: 4, ema: 0.5 };
}

async function table(folder: string, inputs: string) {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${Math.sin(i)},${i % 7 === 0 ? "" : (i % 5) / 2},${"rgb"[i % 3]},${"xy"[i % 2]}`,
  );
  const csv = join(folder, "table.csv");
  await writeFile(csv, ["a,b,colour,class", ...rows].join("\n"));
  await writeFile(inputs, ["a,b,colour", "0.5,1,r", "1,,g"].join("\n"));
  return { csv, label: "class", jem: true, vera: true, base: "gaussian", noiseDim: 2 };
}

async function images(folder: string) {
  const { default: sharp } = await import("sharp");
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "gray" } }).toFile(join(folder, "in.png"));
  return { dataset: "digits", jem: true, noiseDim: 2 };
}
