/** A run that is wished for: what it would be, and the command line that trains it. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import * as v from "valibot";
import { writeAtomic } from "../../files/index.js";
import { checked, type Entries, type Schema } from "../../files/read-back.js";
import {
  ConfigError,
  flagOf,
  formatConfig,
  givenOptions,
  resolveConfig,
  type TrainConfig,
  withoutEffect,
} from "../../runs/config/index.js";
import type { NewRun, Plan, SettingValue } from "../api.js";
import type { StudioContext } from "../context.js";
import { RequestError } from "../errors.js";
import type { Place } from "../folders.js";
import { isAsked } from "../options.js";
import { errorIn } from "../program.js";
import { settingsIn, VALUE } from "../runs/saved-settings.js";
import type { Wish } from "./queue.js";
import { timeOf } from "./time-estimate.js";

const NEW_RUN: Schema<NewRun> = v.object({
  name: v.nullable(v.string()),
  preset: v.nullable(v.string()),
  settings: v.record(v.string(), VALUE),
} satisfies Entries<NewRun>);

export const readNewRun = (body: unknown): NewRun =>
  checked(NEW_RUN, body, (problem) => new RequestError(400, problem));

type Settings = NewRun["settings"];

const UPLOAD = /^upload:(.+)$/;

/** Settings whose files are where `at` says. */
async function withFiles(settings: Settings, at: (id: string) => Promise<string>): Promise<Settings> {
  const placed = Object.entries(settings).map(async ([name, value]): Promise<[string, SettingValue]> => {
    const [, id] = (typeof value === "string" && UPLOAD.exec(value)) || [];
    return [name, id === undefined ? value : await at(id)];
  });
  return Object.fromEntries(await Promise.all(placed));
}

/** @throws ConfigError where such a run cannot be */
function configOf({ preset }: NewRun, settings: Settings): TrainConfig {
  const given = givenOptions(settings);
  const place = given.find((name) => !isAsked(name));
  if (place !== undefined)
    throw new ConfigError(`${flagOf(place)} is not for the studio's runs: they are below its folder`);
  return resolveConfig({ flags: settings, ...(preset !== null && { preset }) });
}

/** Milliseconds that a plan may take: large data is read for it. */
const PATIENCE = 120_000;
const TOO_LONG =
  "reading the data takes more than two minutes: it can be trained on, but nothing can be said of it here";

/** What the run would be. Files are read, and networks outlined, by a process of its own. */
export async function plan(run: NewRun, { uploads, program, temporary, catalogue }: StudioContext): Promise<Plan> {
  try {
    const settings = await withFiles(run.settings, async (id) => uploads.find(id).path);
    const config = configOf(run, settings);
    const ineffective = withoutEffect(config, givenOptions(settings)).map(flagOf);
    const { path } = await temporary.folder();
    const argv = await command(run.preset, settings, join(path, "settings.json"));
    const { code, out, err } = await program.run([...argv, "--dry-run"], PATIENCE);
    await rm(path, { recursive: true });
    const text = code === 0 ? afterConfig(out, config) : code === null ? TOO_LONG : errorIn(err);
    const iterations = code === 0 ? Number(ITERATIONS.exec(text)?.[1] ?? 0) : 0;
    const time = timeOf(settingsOf(config), iterations, await catalogue.records());
    return { ok: code === 0, text, withoutEffect: ineffective, time };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return { ok: false, text: cause.message, withoutEffect: [], time: null };
  }
}

/** Of what a dry run says. */
const ITERATIONS = /^iterations: (\d+)/m;

/** A dry run says the whole configuration first, which the page has. */
const afterConfig = (out: string, config: TrainConfig): string =>
  out.split("\n").slice(formatConfig(config).split("\n").length).join("\n").trim();

/** Settings go by a file: on a command line lists of texts could not hold commas. */
async function command(preset: string | null, settings: Settings, file: string): Promise<string[]> {
  await writeAtomic(file, JSON.stringify(settings));
  return ["train", ...(preset === null ? [] : ["--preset", preset]), "--config", file];
}

/**
 * What the queue is asked for.
 * @param file where the settings are kept until the run ends
 * @throws ConfigError, RequestError where it cannot be
 */
export async function wishFor(run: NewRun, file: string, { folders, queue, uploads }: StudioContext): Promise<Wish> {
  const config = configOf(run, await withFiles(run.settings, async (id) => uploads.find(id).path));
  const isTaken = (place: Place) => existsSync(place.path) || queue.of(place.id) !== undefined;
  const place = await folders.placeFor(folders.first, run.name ?? basename(config.saveDir));
  if (run.name !== null && isTaken(place))
    throw new RequestError(409, `there is a run or folder ${place.name} already: choose another name`);
  let free = place;
  for (let i = 2; isTaken(free); i++) free = await folders.placeFor(folders.first, `${place.name}-${i}`);
  const argv = await command(run.preset, await withFiles(run.settings, (id) => uploads.keep(id)), file);
  return {
    path: free.path,
    argv: [...argv, "--save-dir", free.path],
    ...settingsOf(config),
  };
}

/** As the run's config.json will say them. */
const settingsOf = (config: TrainConfig) => ({
  data: config.dataName,
  mode: config.mode,
  architecture: config.architecture,
  values: { ...settingsIn({ ...config }) },
});
