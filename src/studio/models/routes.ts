/** Addresses below /api/ask, /api/scored, /api/landscape, /api/columns and /api/sources. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Answer, AskModel, Landscape, ScoredPage, ScoredTable, Sources, TableColumns } from "../ask-api.js";
import type { StudioContext } from "../context.js";
import { attachment } from "../download.js";
import { notFound, RequestError } from "../errors.js";
import { type Folders, fileBelow } from "../folders.js";
import type { Catalogue } from "../runs/catalogue.js";
import { sources } from "../tables/sources.js";
import { bodyOf, COLUMNS, PIXELS, planeOf, ROW, SORTS, UPLOAD } from "./bodies.js";
import type { Models } from "./models.js";

interface OfRun {
  readonly Params: { readonly id: string };
}
interface OfTable {
  readonly Params: { readonly key: string };
}
interface OfRow {
  readonly Params: { readonly key: string; readonly index: string };
}
type Query = { readonly Querystring: Readonly<Record<string, string | undefined>> };

/** Rows of a page. */
const [ROWS, MOST_ROWS] = [50, 500];

const gone = () => notFound("such table any more: score it again");

export function modelRoutes(
  app: FastifyInstance,
  { catalogue, folders, temporary, uploads }: StudioContext,
  models: Models,
): void {
  /** Scored tables, by key. */
  const files = new Map<string, string>();
  app.addHook("onClose", async () => models.close());
  const runOf = async ({ id }: { readonly id: string }): Promise<string> => (await catalogue.open(id)).place.path;

  app.get<OfRun>(
    "/api/ask/:id",
    async ({ params }): Promise<AskModel> => models.ask("about", { run: await runOf(params) }),
  );

  app.post<OfRun>(
    "/api/ask/:id/row",
    async ({ params, body }): Promise<Answer> => models.ask("row", { run: await runOf(params), ...bodyOf(ROW, body) }),
  );

  app.post<OfRun>(
    "/api/ask/:id/pixels",
    async ({ params, body }): Promise<Answer> =>
      models.ask("pixels", { run: await runOf(params), ...bodyOf(PIXELS, body) }),
  );

  app.post<OfRun>("/api/ask/:id/picture", async ({ params, body }): Promise<Answer> => {
    const { path } = uploads.find(bodyOf(UPLOAD, body).upload);
    return models.ask("picture", { run: await runOf(params), path });
  });

  app.post<OfRun>("/api/ask/:id/table", async ({ params, body }): Promise<ScoredTable> => {
    const { path, name } = uploads.find(bodyOf(UPLOAD, body).upload);
    const run = await runOf(params);
    const { id: key, path: folder } = await temporary.folder();
    const out = join(folder, "scored.csv");
    files.set(key, out);
    return models.ask("score", { run, key, path, out, name });
  });

  app.get<OfTable>("/api/scored/:key", async ({ params }): Promise<ScoredTable> => {
    const found = await models.ask("scored", params);
    if (found === null) throw gone();
    return found;
  });

  app.get<OfTable & Query>("/api/scored/:key/rows", async ({ params: { key }, query }): Promise<ScoredPage> => {
    const sort = SORTS.find((each) => each === (query.sort ?? "surprise"));
    if (sort === undefined) throw new RequestError(400, `sort takes one of ${SORTS.join(", ")}`);
    const offset = count(query.offset, 0);
    const rows = Math.min(MOST_ROWS, count(query.count, ROWS));
    const found = await models.ask("page", { key, sort, descending: query.order !== "asc", offset, count: rows });
    if (found === null) throw gone();
    return found;
  });

  app.get<OfRow>("/api/scored/:key/rows/:index", async ({ params: { key, index } }): Promise<Answer> => {
    const found = await models.ask("scoredRow", { key, index: count(index, 0) });
    if (found === null) throw notFound("such row that could be read");
    return found;
  });

  app.get<OfTable>("/api/scored/:key/csv", async ({ params: { key } }, reply) => {
    const [found, file] = [await models.ask("scored", { key }), files.get(key)];
    if (found === null || file === undefined) throw gone();
    if (found.state !== "done") throw new RequestError(409, "it is not scored yet");
    return reply
      .type("text/csv; charset=utf-8")
      .header("content-length", (await stat(file)).size)
      .header("content-disposition", attachment(`${found.name.replace(/\.\w+$/, "")}-scored.csv`))
      .send(createReadStream(file));
  });

  app.get<OfRun & Query>("/api/landscape/:id", async ({ params, query }): Promise<Landscape> => {
    const { checkpoint = null, plane = "principal" } = query;
    return models.ask("landscape", { run: await runOf(params), checkpoint, plane: planeOf(plane) });
  });

  app.get<OfRun>("/api/landscape/:id/examples", async ({ params }) =>
    models.ask("examples", { run: await runOf(params) }),
  );

  app.get("/api/sources", (): Promise<Sources> => sources(folders.roots.map(({ path }) => path)));

  app.post("/api/columns", async ({ body }): Promise<TableColumns> => {
    const { table, ...choice } = bodyOf(COLUMNS, body);
    const [, id] = /^upload:(.+)$/.exec(table) ?? [];
    const path =
      id !== undefined
        ? uploads.find(id).path
        : (await isOfRun(catalogue, table))
          ? table
          : await allowedFile(folders, table);
    return models.ask("columns", { table: path, ...choice });
  });
}

/** Whether a run of the studio's was trained on it: it is known here, wherever it lies. */
async function isOfRun(catalogue: Catalogue, table: string): Promise<boolean> {
  return (await catalogue.list()).some(({ settings }) => settings.csv === table || settings.table === table);
}

/** A file below one of the studio's folders. @throws RequestError for any other */
async function allowedFile({ roots }: Folders, path: string): Promise<string> {
  for (const root of roots) {
    const found = await fileBelow(root.path, relative(root.path, path));
    if (found !== null) return found;
  }
  throw new RequestError(
    404,
    `there is no file ${JSON.stringify(path)} below the studio's folders (${roots.map(({ name }) => name).join(", ")}): put it there, or drop it here`,
  );
}

/** A whole number of at least 0. @throws RequestError */
function count(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RequestError(400, `a whole number is expected, not ${JSON.stringify(text)}`);
  return value;
}
