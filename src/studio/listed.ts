/** Runs as the page lists them: those on disk, with what the queue knows, and those that have no folder yet. */
import type { RunSummary } from "./api.js";
import type { StudioContext } from "./context.js";
import { notFound } from "./errors.js";
import type { Place } from "./folders.js";
import { type Job, stateOf, withJob } from "./jobs/job.js";
import { differing } from "./runs/saved-settings.js";

type Sources = Pick<StudioContext, "catalogue" | "queue">;

export async function listed({ catalogue, queue }: Sources): Promise<RunSummary[]> {
  const onDisk = await catalogue.list();
  const ids = new Set(onDisk.map(({ id }) => id));
  const places = queue.all.map((job) => ({ job, place: queue.placeOf(job) }));
  const byId = new Map(places.map(({ job, place }) => [place.id, job]));
  return [
    ...onDisk.map((summary) => withJob(summary, byId.get(summary.id))),
    ...places.filter(({ place }) => !ids.has(place.id)).map(({ job, place }) => ofJob(job, place)),
  ];
}

/** @throws RequestError where there is no such run */
export async function oneListed({ catalogue, queue }: Sources, id: string): Promise<RunSummary> {
  const record = await catalogue.find(id);
  const job = queue.of(id);
  if (record !== null) return withJob(record.summary, job);
  if (job === undefined) throw notFound("such run");
  return ofJob(job, queue.placeOf(job));
}

/** A run that has no folder yet. */
function ofJob(job: Job, { id, name, root }: Place): RunSummary {
  const { nIters } = job.values;
  return {
    id,
    name,
    folder: root.name,
    state: stateOf(job),
    problem: job.problem,
    data: job.data,
    mode: job.mode,
    architecture: job.architecture,
    started: job.created,
    updated: job.created,
    iteration: 0,
    iterations: typeof nIters === "number" ? nIters : null,
    hasModel: false,
    settings: differing(job.values, job.architecture),
    metrics: {},
    tags: [],
  };
}
