/** A run as a file to be downloaded: a model for other programs, or a report. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { writeAtomic } from "../files/index.js";
import { checked, type Schema } from "../files/read-back.js";
import { aboutMetric } from "./about-metrics.js";
import type { Exported, ExportFormat } from "./api.js";
import type { StudioContext } from "./context.js";
import { attachment } from "./download.js";
import { notFound, RequestError } from "./errors.js";
import { errorIn } from "./program.js";
import { writeReport } from "./report/write-report.js";
import { detailOf, logOf } from "./runs/detail.js";

const ASKED: Schema<{ readonly format: ExportFormat }> = v.object({
  format: v.picklist(["onnx", "safetensors", "pt", "html"]),
});

/** Milliseconds that writing a model may take. */
const PATIENCE = 600_000;
/** Of a curve in a report. */
const POINTS = 600;

interface OfRun {
  readonly Params: { readonly id: string };
}

export function exportRoutes(app: FastifyInstance, context: StudioContext): void {
  const { catalogue, curves, program, temporary } = context;
  const files = new Map<string, string>();

  app.post<OfRun>("/api/runs/:id/export", async ({ params, body }): Promise<Exported> => {
    const { format } = checked(ASKED, body, (problem) => new RequestError(400, problem));
    const { place } = await catalogue.open(params.id);
    const { id, path } = await temporary.folder();
    const file = join(path, `${basename(place.path)}.${format}`);
    if (format === "html") await writeAtomic(file, await report(params.id));
    else {
      const { code, err } = await program.run(["export", place.path, "--format", format, "--out", file], PATIENCE);
      if (code !== 0) throw new RequestError(409, code === null ? "writing the model takes too long" : errorIn(err));
    }
    files.set(id, file);
    return { address: `/api/exports/${id}`, file: basename(file), bytes: (await stat(file)).size };
  });

  app.get<OfRun>("/api/exports/:id", async ({ params }, reply) => {
    const file = files.get(params.id);
    if (file === undefined) throw notFound("such file: export it again");
    const { size } = await stat(file);
    return reply
      .type("application/octet-stream")
      .headers({ "content-disposition": attachment(basename(file)), "content-length": size })
      .send(createReadStream(file));
  });

  async function report(id: string): Promise<string> {
    const detail = await detailOf(context, id);
    const { place } = await catalogue.open(id);
    const columns = curves.of(place.path);
    return writeReport({
      summary: detail,
      folder: place.path,
      configuration: detail.configuration,
      curves: columns.names.map((name) => columns.curve(name, POINTS, 0, Number.MAX_SAFE_INTEGER)),
      about: aboutMetric,
      figures: detail.figures,
      diagnoses: detail.diagnoses,
      log: await logOf(context, id),
    });
  }
}
