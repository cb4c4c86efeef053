/** Addresses that begin, end and continue trainings. */

import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { quoted } from "../../files/index.js";
import type { Plan, RunSummary } from "../api.js";
import type { StudioContext } from "../context.js";
import { RequestError } from "../errors.js";
import { listed, oneListed } from "../listed.js";
import type { RunRecord } from "../runs/run-record.js";
import { plan, readNewRun, wishFor } from "./new-run.js";

interface OfRun {
  readonly Params: { readonly id: string };
}

/** A training that is told to stop finishes its iteration and saves; its summary is waited for so long, in milliseconds. */
const SAVING = 5000;

export function jobRoutes(app: FastifyInstance, context: StudioContext): void {
  const { catalogue, queue } = context;
  /** Processes that have been told to stop: told twice they end without saving. */
  const told = new Set<number>();

  app.post("/api/check", async ({ body }): Promise<Plan> => plan(readNewRun(body), context));

  app.post("/api/runs", async ({ body }, reply): Promise<RunSummary> => {
    const run = readNewRun(body);
    const job = await queue.add((key) => wishFor(run, queue.fileOf(key, "json"), context));
    reply.code(201);
    return oneListed(context, queue.placeOf(job).id);
  });

  app.post<OfRun & { Body: unknown }>("/api/runs/:id/stop", async ({ params: { id }, body }): Promise<RunSummary> => {
    const before = await oneListed(context, id);
    const job = queue.of(id);
    if (before.state === "waiting") {
      await queue.remove(id);
      return (await listed(context)).find((run) => run.id === id) ?? { ...before, state: "stopped" };
    }
    const record = await catalogue.find(id);
    const pid = processOf(record) ?? job?.process?.pid ?? null;
    if (pid === null) throw new RequestError(409, `${before.name} does not train`);
    const atOnce = typeof body === "object" && body !== null && "atOnce" in body && body.atOnce === true;
    if (!told.has(pid) || atOnce) signal(pid);
    told.add(pid);
    for (let waited = 0; waited < SAVING; waited += 100) {
      const now = await oneListed(context, id).catch(() => null);
      if (now === null) return { ...before, state: "stopped" };
      if (now.state !== "training") return now;
      await sleep(100);
    }
    return before;
  });

  app.post<OfRun>("/api/runs/:id/resume", async ({ params: { id } }): Promise<RunSummary> => {
    const { summary, saved, place } = await catalogue.open(id);
    if (summary.state === "training") throw new RequestError(409, `${summary.name} trains already`);
    const { data, mode, architecture, values } = saved;
    // Who has made the run may be somebody else: it would write there.
    if (typeof values.ckptPath === "string")
      throw new RequestError(
        409,
        `its latest checkpoint is kept outside of its folder, at ${values.ckptPath}: continue it with vera train --resume ${quoted(place.path)}`,
      );
    await queue.add(async () => ({
      path: place.path,
      argv: ["train", "--resume", place.path],
      data,
      mode,
      architecture,
      values: { ...values },
    }));
    return oneListed(context, id);
  });
}

/** @throws RequestError where it is not of this machine */
function processOf(record: RunRecord | null): number | null {
  const owner = record?.owner ?? null;
  if (owner !== null && !owner.isHere)
    throw new RequestError(409, `it trains on ${owner.host} (process ${owner.pid}): stop it there`);
  return owner?.pid ?? null;
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH")
      throw new RequestError(403, `process ${pid} cannot be stopped by this user: stop it as whoever started it`);
  }
}
