/** Where a member of a sweep stands, read from its folder; and its training, in a process of its own: one that fails takes none with it. */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeAtomic } from "../files/index.js";
import { ConfigError, OPTION_NAMES, readSavedConfig, type TrainConfig } from "../runs/config/index.js";
import { parseLog } from "../runs/folder/log-file.js";
import { type MetricsLine, readMetrics } from "../runs/folder/metrics-file.js";
import { LOG_FILE, runIn } from "../runs/folder/run-files.js";
import type { Member } from "./plan.js";

export type Standing = "new" | "begun" | "done";

/** Settings that do not make another run of it. */
const HARMLESS: readonly string[] = [
  "saveDir",
  "resume",
  "threads",
  "provider",
  "dataRoot",
] satisfies readonly (keyof TrainConfig)[];

/** @throws ConfigError where its folder holds a run of other settings */
export async function standingOf({ name, config }: Member): Promise<Standing> {
  if ((await runIn(config.saveDir)) === null) return "new";
  const saved = await readSavedConfig(config.saveDir);
  const other = OPTION_NAMES.find(
    (option) => !HARMLESS.includes(option) && JSON.stringify(saved[option] ?? null) !== JSON.stringify(config[option]),
  );
  if (other !== undefined)
    throw new ConfigError(
      `${name}: its folder holds a run with ${other} ${JSON.stringify(saved[other] ?? null)}, where the sweep has ${JSON.stringify(config[other])}; ` +
        "name another folder with --out, or remove that run",
    );
  return (await isDone(config)) ? "done" : "begun";
}

const isDone = async (config: TrainConfig): Promise<boolean> =>
  (await metricsOf(config)).some(({ kind }) => kind === "test");

export const metricsOf = ({ saveDir }: Pick<TrainConfig, "saveDir">): Promise<MetricsLine[]> => readMetrics(saveDir);

/** How long it trained, evaluations and figures included, however often it was stopped in between; null where it does not say. */
export async function minutesOf({ saveDir }: Pick<TrainConfig, "saveDir">): Promise<number | null> {
  const log = await logOf(saveDir);
  let milliseconds = 0;
  for (const [i, { time, iteration, iterations }] of log.entries()) {
    const begins = iteration === null || iterations !== undefined; // or goes on: before, it stood still
    if (i > 0 && !begins) milliseconds += time - log[i - 1]!.time;
  }
  return log.length === 0 ? null : milliseconds / 60_000;
}

/** How a member's training ended. */
export type Ending = { readonly kind: "done" | "paused" } | { readonly kind: "failed"; readonly why: string };

export interface Training {
  /** The command that is `vera`. */
  readonly vera: readonly [program: string, ...args: string[]];
  /** Where the plan says nothing. */
  readonly threads: number;
  /** Folder of what members say. */
  readonly logs: string;
  /** Stop, in good order, at this iteration; null to train to the end. */
  readonly until: number | null;
  readonly signal: AbortSignal;
}

/** Of a launcher of MPI: members are no ranks of this job. */
const LAUNCHER = /^(OMPI|PMIX?|MPI|PRTE|SLURM_STEP)_/;

/** Trains a member from where it stands. */
export async function trainMember({ name, config }: Member, standing: Standing, how: Training): Promise<Ending> {
  const { vera, logs, until, signal } = how;
  const threads = config.threads ?? how.threads;
  await makeFolder(logs);
  const given = join(logs, `${name}.config.json`);
  const { saveDir, resume: _, ...settings } = config;
  await writeAtomic(
    given,
    JSON.stringify(Object.fromEntries(OPTION_NAMES.filter((n) => n in settings).map((n) => [n, config[n]]))),
  );
  const what = standing === "begun" ? ["--resume", saveDir] : ["--config", given, "--save-dir", saveDir];
  const [program, ...args] = vera;
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !LAUNCHER.test(key)));
  const stops = until === null ? [] : ["--until", String(until)];
  const child = spawn(program, [...args, "train", ...what, ...stops, "--threads", String(threads)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // Ctrl-C is passed on once, below
  });
  const log = createWriteStream(join(logs, `${name}.log`), { flags: "a" });
  let last = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      log.write(part);
      last = part.toString().trim().split("\n").at(-1) ?? last;
    });
  let told = false;
  const stop = () => {
    told = true;
    child.kill("SIGINT");
  };
  signal.addEventListener("abort", stop);
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", (cause) => {
      last = cause.message;
      resolve(null);
    });
    child.on("close", resolve);
  });
  signal.removeEventListener("abort", stop);
  log.end();
  await rm(given, { force: true });
  if (code === 0) return { kind: until === null || (await isDone(config)) ? "done" : "paused" };
  // One that was told to stop as it ended, and listened no more, ends by the signal: what it wrote is whole.
  if (told && (code === INTERRUPTED || child.signalCode === "SIGINT")) return { kind: "paused" };
  return { kind: "failed", why: last === "" ? `it ended with code ${code}` : last };
}

/** As `vera` ends when it was told to stop. */
const INTERRUPTED = 130;

/** The last iteration at which it was stopped, in good order, or ended; 0 where it never was. */
export async function stoppedAt({ saveDir }: Pick<TrainConfig, "saveDir">): Promise<number> {
  return (await logOf(saveDir)).findLast(({ end }) => end === "stopped" || end === "done")?.iteration ?? 0;
}

const logOf = async (saveDir: string) => parseLog(await readFile(join(saveDir, LOG_FILE), "utf8").catch(() => ""));
