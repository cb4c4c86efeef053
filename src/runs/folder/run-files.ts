/**
 * Which files of a run's folder are the run's, and which folders may become one.
 *
 * The run's are known by their names alone: what else is in the folder is not vera's and stays as it is. The list is exact, and the
 * names of figures are typed by it, so that nothing is written that would not be known again.
 */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { isClaim, isTemporary, onFile } from "../../files/index.js";
import { CONFIG_FILE, ConfigError, readConfigFile } from "../config/index.js";

export const METRICS_FILE = "metrics.jsonl";
export const LOG_FILE = "log.jsonl";
/** What people call a run, beside its name: written by the studio. */
export const TAGS_FILE = "tags.json";

/** Checkpoints of a run, in `checkpoints/`. */
export type CheckpointName = "last" | "best" | `iteration-${string}` | `good-${string}`;

/** The checkpoint of a run that its model is read from: what validation chose, else the latest, which `--ckpt-path` may have put elsewhere. */
export function checkpointOf(folder: string, ckptPath: string | null): string | null {
  const own = (["best", "last"] satisfies CheckpointName[]).map((name) =>
    join(folder, "checkpoints", `${name}.safetensors`),
  );
  return [...own, ...(ckptPath === null ? [] : [ckptPath])].find((path) => existsSync(path)) ?? null;
}

/** An iteration in a name: in order, however many there are. */
export const padded = (iteration: number): string => String(iteration).padStart(7, "0");

/** Figures of a run, in `figures/`, without extensions. */
export type FigureName =
  | `samples-${string}`
  | `${"chains" | "refined"}-${"latent" | "input"}`
  | `curve-${"accuracy" | "log-likelihood" | "energy" | "loss"}`
  | "samples"
  | "data"
  | "reliability"
  | "log-density";

/** Files by folder: the run's own. `config.json` is not among them: it makes a folder a run, and is replaced, never removed. */
const OWN: readonly (readonly [folder: string, name: RegExp])[] = [
  ["checkpoints", /^(last|best|(iteration|good)-\d{7,})\.safetensors$/],
  ["figures", /^(samples-\d{7,}|chains-(latent|input))\.(svg|png|vl\.json)$/],
  ["figures", /^(curve-(accuracy|log-likelihood|energy|loss)|reliability|log-density)\.(svg|png|vl\.json)$/],
  ["figures", /^(samples|data|refined-(latent|input))\.png$/],
  [".", /^((metrics|log)\.jsonl|tags\.json|calibration\.json|(digit-classifier|reference-rows)\.safetensors)$/],
  [".", /^events\.out\.tfevents\.\d+\.vera$/],
];

/** Where they are: folders below a run's, and its own. */
export const OWN_FOLDERS: ReadonlySet<string> = new Set(OWN.map(([folder]) => folder));

export const isEventFile = (name: string): boolean => name.startsWith("events.out.tfevents.") && isOwn(name);

/** Whether a path relative to a run's folder is a file of the run. */
export function isOwn(path: string): boolean {
  if (path === CONFIG_FILE) return true;
  return OWN.some(([folder, name]) => {
    const below = folder === "." ? path : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
    return below !== null && name.test(below);
  });
}

/** Removes a run's own files: checkpoints first, so that none is left beside the configuration of another run. */
export async function discardRun(path: string): Promise<void> {
  for (const [folder, own] of OWN) {
    const below = join(path, folder);
    for (const name of await filesIn(below)) {
      if (own.test(name)) await onFile(join(below, name), () => rm(join(below, name)));
    }
  }
}

/** What makes a folder a run, whatever else its config.json says: that which is wrong there is told when it is used. */
const A_RUN = v.object({
  architecture: v.string(),
  run: v.object({ vera: v.string(), imported: v.optional(v.boolean(), false), data: v.unknown() }),
});

/** Whether the run that a folder holds began with a checkpoint from elsewhere; null where it holds none. */
export async function runIn(path: string): Promise<{ readonly imported: boolean } | null> {
  const content = await readConfigFile(join(path, CONFIG_FILE)).catch(() => null);
  const found = v.safeParse(A_RUN, content);
  return found.success ? found.output.run : null;
}

export interface FolderUse {
  /** Continue the run that the folder holds. Default false. */
  readonly resume?: boolean;
  /** Replace it. Default false. */
  readonly overwrite?: boolean;
}

/** @throws ConfigError where the folder must not become a run: it holds one, or what is none. FileError where it cannot be read. */
export async function refuseFolder(path: string, { resume = false, overwrite = false }: FolderUse): Promise<void> {
  const isRun = (await runIn(path)) !== null;
  if (resume) {
    if (!isRun) throw new ConfigError(`--resume: ${path} holds no run of vera's: start one with --save-dir`);
    return;
  }
  if (isRun) {
    if (overwrite) return;
    throw new ConfigError(
      `${path} holds a run: continue it with --resume ${path}, name another folder, or replace the run with --overwrite`,
    );
  }
  const held = (await filesIn(path)).filter((name) => !isClaim(name) && !isTemporary(name));
  if (held.length === 0) return;
  const some = held.slice(0, 3).join(", ") + (held.length > 3 ? ", …" : "");
  throw new ConfigError(
    `${path} is not empty, and what it holds (${some}) is no run of vera's: name a folder that is new or empty`,
  );
}

/** Names in a folder; none where there is no folder. @throws FileError where it is a file, or cannot be read. */
export const filesIn = (path: string): Promise<string[]> =>
  onFile(path, () =>
    readdir(path).catch((cause: NodeJS.ErrnoException): string[] => {
      if (cause.code === "ENOENT") return [];
      throw cause;
    }),
  );
