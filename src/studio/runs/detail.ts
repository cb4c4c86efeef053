/** All that a page about one run begins with. */
import { quoted } from "../../files/index.js";
import { aboutMetric } from "../about-metrics.js";
import type { Diagnosis, LogLine, RunDetail } from "../api.js";
import type { StudioContext } from "../context.js";
import { oneListed } from "../listed.js";
import { configuration } from "../options.js";
import { diagnose } from "./diagnose.js";
import { readFigures } from "./figures.js";
import { readLog } from "./log.js";
import type { RunRecord } from "./run-record.js";

/** @throws RequestError where there is no such run */
export async function detailOf(context: StudioContext, id: string): Promise<RunDetail> {
  const { catalogue, queue, curves } = context;
  const summary = await oneListed(context, id);
  const record = await catalogue.find(id);
  const job = queue.of(id);
  const settings = record?.saved ?? job;
  const path = record?.place.path ?? (job && queue.placeOf(job).path) ?? "";
  const names = record === null ? [] : curves.of(path).names;
  return {
    ...summary,
    configuration: settings === undefined ? [] : configuration(settings),
    figures: record === null ? [] : await readFigures(path, (file) => `/api/runs/${id}/files/${file}`),
    diagnoses: record === null ? [] : await diagnosesOf(context, record),
    about: Object.fromEntries(names.map((name) => [name, aboutMetric(name)])),
    command: `vera train --resume ${quoted(path)}`,
  };
}

async function diagnosesOf({ curves }: StudioContext, { place, saved, summary }: RunRecord): Promise<Diagnosis[]> {
  const columns = curves.of(place.path);
  const course = (name: string) => columns.course(name);
  return diagnose({ values: saved.values, isDone: summary.state === "done", course, warnings: columns.warnings });
}

/** @throws RequestError where there is no such run */
export async function logOf(context: StudioContext, id: string): Promise<LogLine[]> {
  const { problem } = await oneListed(context, id);
  const record = await context.catalogue.find(id);
  const lines = record === null ? [] : await readLog(record.place.path, record.entries);
  // What ended a run before it could say so.
  const isSaid = problem === null || lines.some(({ text }) => text === problem);
  return isSaid ? lines : [...lines, { time: null, iteration: null, level: "error", text: problem }];
}
