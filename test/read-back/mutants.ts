/** Files that a run leaves behind, changed in one place each, and what the commands say of them. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { vera } from "../../src/cli/vera.js";
import { resolveConfig, train } from "../../src/runs/index.js";

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

/** A file whose content can be changed and put back. */
export interface Changeable {
  readonly path: string;
  /** As it was when the file was opened. */
  readonly content: unknown;
  put(content: unknown): Promise<void>;
  restore(): Promise<void>;
}

export async function jsonFile(path: string): Promise<Changeable> {
  const text = await readFile(path, "utf8");
  const put = (content: unknown) => writeFile(path, JSON.stringify(content));
  return { path, content: JSON.parse(text), put, restore: () => writeFile(path, text) };
}

/** JSON in the metadata of a checkpoint. */
const NESTED = ["counters", "info"];

type Header = { readonly __metadata__?: Record<string, unknown> };

/** The header of a safetensors file, with what its metadata holds as JSON. The tensors' data stay as they are. */
export async function headerOf(path: string): Promise<Changeable> {
  const bytes = await readFile(path);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, end).toString()) as Header;
  const metadata = (of: Header, change: (value: unknown) => unknown): Header => {
    const entries = Object.entries(of.__metadata__ ?? {});
    const changed = entries.map(([key, value]) => [key, NESTED.includes(key) ? change(value) : value]);
    return isContainer(of.__metadata__) ? { ...of, __metadata__: Object.fromEntries(changed) } : of;
  };
  return {
    path,
    content: metadata(header, (text) => JSON.parse(text as string)),
    put(content) {
      const json = Buffer.from(JSON.stringify(metadata(content as Header, (value) => JSON.stringify(value))));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(json.length));
      return writeFile(path, Buffer.concat([size, json, bytes.subarray(end)]));
    },
    restore: () => writeFile(path, bytes),
  };
}

/** What a command said of a changed file that it should not have: an error from within, or one that does not name the file. */
export interface Fault extends Outcome {
  readonly change: string;
}

/**
 * Changes a file in every way, one of `every` at least, and runs commands on each.
 * @returns how many there were, and what was wrong
 */
export async function faults(
  file: Changeable,
  commands: readonly (readonly string[])[],
  { every = 1, skip = () => false }: { readonly every?: number; readonly skip?: (change: string) => boolean } = {},
): Promise<{ readonly tried: number; readonly refused: number; readonly faults: readonly Fault[] }> {
  const found: Fault[] = [];
  const count = { tried: 0, refused: 0 };
  let i = 0;
  for (const { change, content } of mutants(file.content)) {
    if (i++ % every !== 0 || skip(change)) continue;
    count.tried++;
    for (const argv of commands) {
      await file.put(content);
      const result = await outcome(...argv);
      if (result.code !== 0) count.refused++;
      if (!result.clear) found.push({ change: `${argv[0]}: ${change}`, ...result });
    }
  }
  await file.restore();
  return { ...count, faults: found };
}

export const KINDS = ["toy", "table", "classifier", "images"] as const;
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
  const of = await { toy, table, classifier, images }[kind](folder, inputs);
  await train(resolveConfig({ flags: { ...BRIEF, ...of, saveDir } }));
  return { folder: saveDir, inputs: kind === "images" ? join(folder, "in.png") : inputs };
}

async function toy(_: string, inputs: string) {
  await writeFile(inputs, "0,1\n1,0\n");
  return { dataset: "moons", hDim: 4, ema: 0.5 };
}

async function classifier(folder: string, inputs: string) {
  const row = (i: number) => [Math.sin(i), i % 7 === 0 ? "" : (i % 5) / 2, "rgb"[i % 3], "xy"[i % 2]].join();
  const csv = join(folder, "table.csv");
  await writeFile(csv, ["a,b,colour,class", ...Array.from({ length: 60 }, (_, i) => row(i))].join("\n"));
  await writeFile(inputs, ["a,b,colour", "0.5,1,r", "1,,g"].join("\n"));
  return { csv, label: "class", jem: true };
}

const table = async (folder: string, inputs: string) => ({
  ...(await classifier(folder, inputs)),
  vera: true,
  base: "gaussian",
  noiseDim: 2,
});

async function images(folder: string) {
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "gray" } }).toFile(join(folder, "in.png"));
  return { dataset: "digits", jem: true, noiseDim: 2 };
}

/** Files of a run that are read back. */
export const FILES = ["config.json", "calibration.json", "checkpoints/last.safetensors"] as const;

export interface ChangedRun {
  /** Changes one of its files; `every` so manieth way. */
  faults(file: (typeof FILES)[number], every: number): ReturnType<typeof faults>;
}

/** A tiny run, calibrated. */
export async function changedRun(kind: Kind, folder: string): Promise<ChangedRun> {
  const run = await tinyRun(kind, folder);
  const out = join(folder, "out");
  const score = ["score", run.folder, run.inputs, "--out", join(folder, "scored.csv"), "--false-alarm-rate", "0.4"];
  const sample = ["sample", run.folder, "--count", "2", "--steps", "0", "--out", out, "--overwrite"];
  const resume = ["train", "--resume", run.folder];
  const { code, message } = await outcome(...score);
  if (code !== 0) throw new Error(message);
  return {
    async faults(name, every) {
      const path = join(run.folder, name);
      if (name === "calibration.json") return faults(await jsonFile(path), [score], { every });
      if (name !== "config.json")
        return faults(await headerOf(path), [["sample", path, ...sample.slice(2)], resume], { every });
      const found = await faults(await jsonFile(path), [score, sample], { every });
      // With more iterations a run would go on.
      const longer = (change: string) => /^(nIters|nEpochs)/.test(change);
      const resumed = await faults(await jsonFile(path), [resume], { every, skip: longer });
      return { ...found, faults: [...found.faults, ...resumed.faults] };
    },
  };
}
