/** `vera score` of one file: to a sink, with bad inputs told on the terminal. */
import type { Counts } from "../score/parts/record.js";
import type { Probe } from "../score/probe.js";
import type { ScoreOptions } from "../score/score.js";
import type { Shape } from "../score/scored-lines.js";
import { line, type Output } from "./command.js";
import type { ScoreSink } from "./score-sink.js";
import { StageDisplay } from "./stages.js";

/** Bad inputs reported one by one; all are in the output. */
const REPORTED = 20;

/** What is on the terminal meanwhile. */
export class ScoreDisplay {
  private readonly stages: StageDisplay;
  private bad = 0;

  constructor(private readonly err: Output) {
    this.stages = new StageDisplay(err);
  }

  update(stage: string, done: number, total: number | null): void {
    this.stages.update(stage, done, total);
  }

  say(text: string): void {
    this.stages.clear();
    line(this.err, text);
  }

  badInput(file: string, message: string): void {
    if (this.bad++ < REPORTED) this.say(`${file}: ${message}`);
    if (this.bad === REPORTED) this.say(`${file}: further bad inputs are reported in the output only`);
  }

  clear(): void {
    this.stages.clear();
  }
}

/** How a command ends: with all done, with what could not be done, or as the user stopped it. */
export type Ending = "done" | "failed" | "stopped";

/** How files are scored, all alike. */
export interface Scoring {
  readonly probe: Probe;
  readonly options: ScoreOptions;
  readonly values: {
    readonly probabilities: boolean;
    readonly strict: boolean;
    readonly keep: readonly string[];
    readonly falseAlarmRate: number;
  };
  readonly display: ScoreDisplay;
  readonly signal: AbortSignal;
}

/**
 * Scores a file until its end, or until the user stops it.
 * @param stage what is shown meanwhile
 * @throws DataError where the file breaks off, or with `strict` at the first bad input; what came before is in the sink
 */
export async function scoreFile(
  { probe, options, values, display, signal }: Scoring,
  file: string,
  sink: ScoreSink,
  stage = "scored",
): Promise<Counts> {
  const { scoreBatches } = await import("../score/score.js");
  const { openInputs } = await import("../score/score-inputs.js");
  const { DataError } = await import("../data/index.js");
  const inputs = await openInputs(probe, file, options.reading);
  const count = { inputs: 0, bad: 0, flagged: 0 };
  try {
    for (const note of inputs.notes) display.say(`note: ${note}`);
    await sink.begin(shapeOf(probe, options, values, inputs));
    for await (const batch of scoreBatches(probe, inputs, options)) {
      if (signal.aborted) break;
      for (const [i, problem] of batch.problems) {
        const message = `${inputs.place} ${batch.at[i]}: ${problem}`;
        if (values.strict) throw new DataError(file, message);
        display.badInput(file, message);
      }
      count.inputs += batch.count;
      count.bad += batch.problems.size;
      batch.ood?.forEach((ood, i) => {
        if (ood && !batch.problems.has(i)) count.flagged++;
      });
      await sink.write(batch);
      display.update(stage, count.inputs, inputs.about);
    }
  } finally {
    display.clear();
    await inputs.close();
  }
  return count;
}

function shapeOf(
  { run }: Probe,
  options: ScoreOptions,
  { keep, probabilities }: Scoring["values"],
  { place, keptTypes }: { readonly place: Shape["place"]; readonly keptTypes: Shape["types"] },
): Shape {
  const classifies = run.model.classes !== null;
  return {
    place,
    kept: keep,
    types: keptTypes,
    classifies,
    flags: options.threshold !== undefined,
    explains: options.explain !== undefined,
    names: probabilities && classifies ? (run.info.data.classes ?? []) : [],
  };
}

/** How many inputs there were, in one line. */
export function summaryOf(
  { inputs, bad, flagged }: Counts,
  { options, values }: Pick<Scoring, "options" | "values">,
): string {
  const good = inputs - bad;
  const outside =
    options.threshold === undefined
      ? ""
      : `, ${flagged} flagged as out of distribution (${share(flagged, good)}; of data like the training data ${share(values.falseAlarmRate, 1)})`;
  return `${inputs} inputs: ${good} scored${outside}${bad === 0 ? "" : `, ${bad} could not be read`}`;
}

const share = (part: number, all: number): string =>
  all === 0 ? "0 %" : `${Number(((100 * part) / all).toPrecision(3))} %`;
