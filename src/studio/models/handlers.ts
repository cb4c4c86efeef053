/** What the process that holds models does when it is asked. */
import { DataError } from "../../data/index.js";
import { loadRun } from "../../runs/index.js";
import { about } from "../ask/about.js";
import { answerInput, answerPicture, answerPixels, answerRow } from "../ask/answer.js";
import { TableScoring } from "../ask/scored-table.js";
import { checkpointFile, checkpointsOf } from "../landscape/checkpoints.js";
import { examplesOf } from "../landscape/examples.js";
import { describeTable } from "../tables/describe-table.js";
import type { Handlers } from "./calls.js";
import { Shelf } from "./shelf.js";

/** Scored tables that are held; the oldest go first. */
const TABLES = 8;

export function handlers(): Handlers {
  const shelf = new Shelf(loadRun);
  const tables = new Map<string, { readonly run: string; readonly scoring: TableScoring }>();

  return {
    about: ({ run }) => shelf.use(run, about),
    row: ({ run, fields }) => shelf.use(run, (held) => answerRow(held, { fields })),
    pixels: ({ run, pixels }) => shelf.use(run, (held) => answerPixels(held, { pixels })),
    picture: ({ run, path }) => shelf.use(run, (held) => answerPicture(held, path)),
    examples: ({ run }) => shelf.use(run, async (held) => examplesOf(held)),
    columns: describeTable,

    async score({ run, ...request }) {
      const scoring = new TableScoring(request);
      tables.set(request.key, { run, scoring });
      for (const key of [...tables.keys()].slice(0, Math.max(0, tables.size - TABLES))) tables.delete(key);
      const isWanted = () => tables.get(request.key)?.scoring === scoring;
      void shelf.use(run, (held) => scoring.run(held, isWanted)).catch((cause: Error) => scoring.fail(cause));
      return scoring.summary;
    },
    scored: async ({ key }) => tables.get(key)?.scoring.summary ?? null,
    page: async ({ key, sort, descending, offset, count }) =>
      tables.get(key)?.scoring.page(sort, descending, offset, count) ?? null,
    async scoredRow({ key, index }) {
      const table = tables.get(key);
      const x = table?.scoring.inputOf(index) ?? null;
      return table === undefined || x === null ? null : shelf.use(table.run, (held) => answerInput(held, x));
    },

    landscape: ({ run, checkpoint, plane }) =>
      shelf.use(run, async (held, { drawer }) => {
        const checkpoints = await checkpointsOf(run);
        const file = checkpoint === null ? held.run.checkpoint : await checkpointFile(run, checkpoint);
        if (file === null) throw new DataError("landscape", `the run has no checkpoint ${checkpoint} any more`);
        const at = file === held.run.checkpoint ? held.run : await loadRun(file);
        const name = checkpoints.find((each) => file.endsWith(`/${each.name}.safetensors`))?.name ?? "best";
        return { checkpoints, checkpoint: name, ...(await drawer().draw(at, plane)) };
      }),
  };
}
