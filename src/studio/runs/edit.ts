/** What can be changed of a run without training: its name, its tags, and whether it is there. */
import { existsSync } from "node:fs";
import { lstat, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { makeFolder, onFile, writeAtomic } from "../../files/index.js";
import { checked, type Schema } from "../../files/read-back.js";
import { TAGS_FILE } from "../../runs/folder/run-files.js";
import type { RunEdit, RunSummary, Trashed } from "../api.js";
import type { StudioContext } from "../context.js";
import { RequestError } from "../errors.js";
import { isBelow, type Place } from "../folders.js";
import { oneListed } from "../listed.js";
import { type RunRecord, TAGS } from "./run-record.js";

/** In a root folder, so that moving there is renaming on one disk. */
const TRASH = ".vera-trash";

const EDIT: Schema<RunEdit> = v.object({ name: v.exactOptional(v.string()), tags: v.exactOptional(TAGS) });

interface OfRun {
  readonly Params: { readonly id: string };
}

export function editRoutes(app: FastifyInstance, context: StudioContext): void {
  const { catalogue, folders, queue } = context;

  app.patch<OfRun>("/api/runs/:id", async ({ params, body }): Promise<RunSummary> => {
    const { name, tags } = checked(EDIT, body, (problem) => new RequestError(400, problem));
    const record = await catalogue.open(params.id);
    const { path } = record.place;
    // First, since it may be refused.
    const place = name === undefined || name === record.place.name ? record.place : await moved(record, name);
    if (tags !== undefined)
      await writeAtomic(join(place.path, TAGS_FILE), `${JSON.stringify([...new Set(tags)], null, 1)}\n`);
    if (place.path !== path) await queue.remove(params.id);
    return oneListed(context, place.id);
  });

  app.delete<OfRun>("/api/runs/:id", async ({ params }): Promise<Trashed> => {
    const record = await catalogue.find(params.id);
    if (record === null) await oneListed(context, params.id);
    if (queue.of(params.id)?.process) throw new RequestError(409, "it is about to train: stop it before it is deleted");
    await queue.remove(params.id);
    return { to: record === null ? "" : await trash(record) };
  });

  async function moved(record: RunRecord, name: string): Promise<Place> {
    refuseBusy(record, "renamed");
    const { id, path, root } = record.place;
    if (path === root.path) throw new RequestError(409, "the folder that is served cannot be renamed here");
    if (queue.of(id)?.problem === null)
      throw new RequestError(409, "it waits to be trained: stop it before it is renamed");
    const place = await folders.placeFor(root, name);
    if (isBelow(path, place.path)) throw new RequestError(400, "a run cannot be moved into itself");
    await moveTo(path, place.path);
    return place;
  }
}

function refuseBusy({ owner, place }: RunRecord, what: string): void {
  if (owner === null) return;
  const where = owner.isHere ? "" : ` on ${owner.host}`;
  throw new RequestError(409, `${place.name} trains (process ${owner.pid}${where}): stop it before it is ${what}`);
}

/** Moves a folder to where nothing is. @throws RequestError where there is something */
async function moveTo(from: string, to: string): Promise<void> {
  if ((await lstat(to).catch(() => null)) !== null)
    throw new RequestError(409, `there is a run or folder ${basename(to)} already: choose another name`);
  await onFile(to, async () => {
    await makeFolder(dirname(to));
    // Over a folder that has come meanwhile the system refuses, unless it is empty.
    await rename(from, to);
  });
}

/**
 * Moves a run to the trash of the folder that it is below.
 * @returns where it is now
 * @throws RequestError while it trains, or where it is that folder itself
 */
export async function trash(record: RunRecord): Promise<string> {
  refuseBusy(record, "deleted");
  const { path, root } = record.place;
  if (path === root.path) throw new RequestError(409, "the folder that is served cannot be deleted here");
  const folder = join(root.path, TRASH);
  await onFile(folder, () => makeFolder(folder));
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  for (let i = 1; ; i++) {
    const to = join(folder, `${basename(path)} ${stamp}${i === 1 ? "" : ` ${i}`}`);
    if (existsSync(to)) continue;
    await moveTo(path, to);
    return to;
  }
}
