/** Addresses below /api/runs that only read. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Curves, Log, RunDetail, RunList, RunSummary } from "../api.js";
import type { StudioContext } from "../context.js";
import { attachment } from "../download.js";
import { notFound, RequestError } from "../errors.js";
import { fileBelow } from "../folders.js";
import { listed, oneListed } from "../listed.js";
import { detailOf, logOf } from "./detail.js";

const [POINTS, MOST_POINTS] = [600, 20_000];

/** What is shown in a page; all else is downloaded. */
const TYPES: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
  ".jsonl": "text/plain; charset=utf-8",
};

interface Query {
  readonly Querystring: Readonly<Record<string, unknown>>;
}

interface OfRun {
  readonly Params: { readonly id: string };
}

export function runRoutes(app: FastifyInstance, context: StudioContext): void {
  const { folders, catalogue } = context;
  app.get<Query>("/api/runs", async ({ query }): Promise<RunList> => {
    const runs = await listed(context);
    const wanted = text(query, "metrics")?.split(",");
    return {
      folders: folders.roots.map(({ name }) => name),
      metrics: [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))].sort(),
      runs: wanted === undefined ? runs : runs.map((run) => ({ ...run, metrics: chosenOf(run.metrics, wanted) })),
    };
  });

  app.get<OfRun>("/api/runs/:id", ({ params }): Promise<RunDetail> => detailOf(context, params.id));

  app.get<OfRun & Query>("/api/runs/:id/curves", async ({ params, query }): Promise<Curves> => {
    const record = await catalogue.find(params.id);
    if (record === null) await oneListed(context, params.id);
    const names = text(query, "names")?.split(",") ?? [];
    const points = Math.min(MOST_POINTS, Math.max(4, number(query, "points") ?? POINTS));
    const [from, to] = [number(query, "from") ?? 0, number(query, "to") ?? Number.MAX_SAFE_INTEGER];
    const found = record && context.curves.of(record.place.path);
    const none = { iteration: [], value: [] };
    return { curves: names.map((name) => found?.curve(name, points, from, to) ?? { name, ...none }) };
  });

  app.get<OfRun>("/api/runs/:id/log", async ({ params }): Promise<Log> => ({ lines: await logOf(context, params.id) }));

  app.get<{ Params: { readonly id: string; readonly "*": string } }>(
    "/api/runs/:id/files/*",
    async (request, reply) => {
      const { place } = await catalogue.open(request.params.id);
      const file = await fileBelow(place.path, request.params["*"]);
      if (file === null) throw notFound("such file in the folder of this run");
      const { size, mtimeMs } = await stat(file);
      const tag = `"${size}-${Math.round(mtimeMs)}"`;
      // Alone in a window, a picture of vectors can run nothing.
      reply.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox");
      reply.headers({ etag: tag, "cache-control": "private, no-cache" });
      if (request.headers["if-none-match"] === tag) return reply.code(304).send();
      const type = TYPES[extname(file)];
      if (type === undefined) reply.header("content-disposition", attachment(basename(file)));
      return reply
        .type(type ?? "application/octet-stream")
        .header("content-length", size)
        .send(createReadStream(file, { end: Math.max(0, size - 1) }));
    },
  );
}

const chosenOf = (metrics: RunSummary["metrics"], names: readonly string[]): RunSummary["metrics"] =>
  Object.fromEntries(names.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]])));

function text(query: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = query[name];
  if (value !== undefined && typeof value !== "string") throw new RequestError(400, `${name} is given more than once`);
  return value;
}

function number(query: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const given = text(query, name);
  if (given === undefined || given === "") return undefined;
  const value = Number(given);
  if (!Number.isFinite(value)) throw new RequestError(400, `${name} takes a number, not ${JSON.stringify(given)}`);
  return Math.round(value);
}
