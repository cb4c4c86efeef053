/** Every command that writes, started where a user's files are in its way: afterwards they are byte for byte what they were. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DATASETS } from "../../src/data/index.js";
import { resolveConfig, train } from "../../src/runs/index.js";
import { VERA } from "../program.js";

const path = (to: string) => fileURLToPath(new URL(to, import.meta.url));
const GOLDEN = path("../interchange/golden/toy.pt");
const DOWNLOAD = DATASETS.find(({ name }) => name === "mnist")!.downloads[0]!.path;

/** A user's folder: of their own, and of names that vera's files have. */
const USER: readonly string[] = [
  ["notes.txt", "config.yaml", "config.json", "args.txt", "metrics.jsonl", "calibration.json", "result.json"],
  ["events.out.tfevents.1700000000.host.1.0", "digit-classifier.safetensors", "model.onnx", "model.pt"],
  ["figures/my-notes.txt", "figures/samples.png", "figures/curve-loss.svg"],
  ["checkpoints/mine.pt", "checkpoints/last.safetensors", "checkpoints/best.safetensors"],
  ["samples.npy", "samples.png", "samples.json", "refined.npy", "refined.png", "chains.png", "quality.json"],
  ["classes.npy", "classes.json", "labels.npy", "classification.json", "ood.json", "reliability.svg"],
  [
    "eval/classification.json",
    "samples/samples.npy",
    ".gitkeep",
    DOWNLOAD,
    `${DOWNLOAD}.part`,
    `${DOWNLOAD}.part.json`,
  ],
].flat();

let root: string;
let user: string;
let made: string;
let count = 0;
const picture = () => join(root, "in.png");

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-user-"));
  made = join(root, "run");
  const flags = { dataset: "digits", jem: true, noiseDim: 4, batchSize: 20, nIters: 10, plots: false, saveDir: made };
  await train(resolveConfig({ flags }));
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "gray" } }).toFile(picture());
});
afterAll(() => rm(root, { recursive: true }));

beforeEach(async () => {
  user = join(root, `user-${count++}`);
  await fill(user, USER);
});

async function fill(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    // What is most like a run's, without being one.
    await writeFile(join(folder, name), name === "config.json" ? '{"architecture": "toy"}' : `the user's ${name}`);
  }
}

/** Digest of every file below a folder. */
async function digests(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => !e.isDirectory()).map((e) => join(e.parentPath, e.name));
  const all = files.sort().map(async (file) => {
    const digest = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    return [relative(folder, file), digest];
  });
  return Object.fromEntries(await Promise.all(all));
}

interface Ended {
  readonly code: number | null;
  readonly err: string;
}

function vera(...argv: string[]): Promise<Ended> {
  const [node, ...program] = VERA;
  const child = spawn(node, [...program, ...argv]);
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, err }));
  });
}

const TRAIN = ["train", "--dataset", "moons", "--n-iters", "5", "--threads", "1", "--no-plots"];

describe("a user's folder", () => {
  const commands: readonly (readonly [title: string, argv: () => string[], message: RegExp])[] = [
    ["train", () => [...TRAIN, "--save-dir", user], /is no run of vera's: name a folder that is new or empty/],
    ["train --overwrite", () => [...TRAIN, "--save-dir", user, "--overwrite"], /is no run of vera's/],
    ["train --resume", () => ["train", "--resume", user], /vera: .+/],
    [
      "train --ckpt-path",
      () => [...TRAIN, "--save-dir", `${user}-new`, "--ckpt-path", join(user, "checkpoints/mine.pt")],
      /mine\.pt is .* which is not written over/,
    ],
    ["import", () => ["import", GOLDEN, "--dataset", "moons", "--out", user], /is no run of vera's/],
    [
      "import --overwrite",
      () => ["import", GOLDEN, "--dataset", "moons", "--out", user, "--overwrite"],
      /is no run of/,
    ],
    ["eval", () => ["eval", made, "--out", user], /classification\.json is there already: name another folder/],
    ["sample", () => ["sample", made, "--steps", "2", "--out", user], /samples\.\w+ is there already/],
    ["sample --class", () => ["sample", made, "--class", "all", "--out", user], /classes\.\w+ is there already/],
    ["sample --quality", () => ["sample", made, "--quality", "--out", user], /is there already/],
    ["score", () => ["score", made, picture(), "--uncalibrated", "--out", user], /it is a folder/],
    ["export", () => ["export", made, "--format", "onnx", "--out", user], /it is a folder; name another/],
    ["data fetch", () => ["data", "fetch", "mnist", "--data-root", user], /not the file as it was published/],
  ];

  test.each(commands)("before %s", async (_, argv, message) => {
    const before = await digests(user);
    const { code, err } = await vera(...argv());
    expect(err).toMatch(message);
    expect(err.trim().split("\n").at(-1)).toContain(user);
    expect(code).not.toBe(0);
    expect(await digests(user)).toEqual(before);
  });

  test("beside results that are not in the way", async () => {
    await rm(user, { recursive: true });
    const names = USER.filter((name) => !/^(samples|refined|chains|classification|ood|reliability)/.test(name));
    await fill(user, names);
    const before = await digests(user);
    expect(await vera("sample", made, "--count", "4", "--steps", "4", "--out", user)).toMatchObject({ code: 0 });
    expect(await vera("eval", made, "--limit", "20", "--out", user)).toMatchObject({ code: 0 });
    expect(await digests(user)).toMatchObject(before);
  });
});

describe("a user's files in the folder of a run", () => {
  const own = /^(config\.json|metrics\.jsonl|calibration\.json|digit-classifier\.safetensors)$/;
  const reserved = /^(figures\/(samples\.png|curve-loss\.svg)|checkpoints\/(last|best)\.safetensors)$/;
  const foreign = USER.filter((name) => !own.test(name) && !reserved.test(name));
  let run: string;
  beforeEach(async () => {
    run = join(user, "..", `run-${count}`);
    await cp(made, run, { recursive: true });
    await fill(run, foreign);
  });
  const users = async () => {
    const all = await digests(run);
    return Object.fromEntries(foreign.map((name) => [name, all[name]]));
  };

  test.each([
    ["train --overwrite", () => [...TRAIN, "--save-dir", run, "--overwrite", "--sgld-steps", "2"]],
    ["train --resume", () => ["train", "--resume", run, "--n-iters", "15"]],
    ["import --overwrite", () => ["import", GOLDEN, "--dataset", "moons", "--out", run, "--overwrite"]],
    ["score", () => ["score", run, picture(), "--out", join(run, "scored.csv")]],
    ["export --out", () => ["export", run, "--format", "pt", "--out", join(run, "digits.pt")]],
  ])("before %s, which works", async (_, argv) => {
    const before = await users();
    expect(await vera(...argv())).toMatchObject({ code: 0 });
    expect(await users()).toEqual(before);
  });

  test.each([
    ["train", () => [...TRAIN, "--save-dir", run], /holds a run: continue it/],
    ["export, of a name that it chooses itself", () => ["export", run, "--format", "pt"], /model\.pt is there already/],
    [
      "export over its own checkpoint",
      () => ["export", run, "--format", "safetensors", "--out", join(run, "checkpoints", "best.safetensors")],
      /is what is read|is a file of the run itself/,
    ],
    [
      "score over its configuration",
      () => ["score", run, picture(), "--out", join(run, "config.json")],
      /is a file of the run itself/,
    ],
    [
      "score over its input",
      () => ["score", run, picture(), "--out", `${root}/./in.png`],
      /is what is read: name another file/,
    ],
  ])("before %s, which is refused", async (_, argv, message) => {
    const [before, input] = [await digests(run), await readFile(picture(), "base64")];
    const { code, err } = await vera(...argv());
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(await digests(run)).toEqual(before);
    expect(await readFile(picture(), "base64")).toBe(input);
  });
});

test("what the user names is replaced, as by any tool", async () => {
  const scored = join(root, "scored.csv");
  await writeFile(scored, "old");
  const argv = ["score", made, picture(), "--uncalibrated", "--out", scored];
  expect(await vera(...argv)).toMatchObject({ code: 0 });
  expect(await readFile(scored, "utf8")).toMatch(/^file,class/);
});
