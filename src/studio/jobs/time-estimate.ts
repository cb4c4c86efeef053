/** How long a run would take, by how fast others like it went here: nothing is trained to find out. */
import { type OptionName, optionOf } from "../../runs/config/index.js";
import type { RunSummary, TimeEstimate } from "../api.js";
import type { RunRecord } from "../runs/run-record.js";
import type { SavedSettings } from "../runs/saved-settings.js";

interface Trained extends Pick<RunRecord, "entries" | "saved"> {
  readonly summary: Pick<RunSummary, "iteration" | "updated">;
}

/** What an iteration costs depends on these, beside data, mode and architecture; that is all that rates, seeds and bounds leave. */
const WORK: readonly OptionName[] = [
  ...(["imgSize", "dataAug", "labelsPerClass", "norm", "classNetwork", "typicality", "base"] as const),
  ...(["hDim", "hLayers", "noiseDim", "gFeats", "dcganWidth", "mogComps"] as const),
  ...(["batchSize", "eIters", "gIters", "pgShare", "generatorType", "posteriorSamples", "posteriorBatchNorm"] as const),
  ...(["nSteps", "edNegatives", "provider", "threads", "scan"] as const),
];
/** Terms that cost where they have a weight, whatever it is. */
const TERMS: readonly OptionName[] = [
  ...([
    "entWeight",
    "densityClfWeight",
    "clfEntWeight",
    "consistency",
    "pgControl",
    "outerWeight",
    "vatWeight",
  ] as const),
];

/** Milliseconds after which a run that is not done says how fast it is: the first iterations load networks. */
const LEAST = 10_000;

/**
 * Nothing where no run of the same data, mode, networks and sizes has been trained.
 * @param iterations of the whole run
 */
export function timeOf(wish: SavedSettings, iterations: number, trained: readonly Trained[]): TimeEstimate | null {
  const paces = trained
    .filter(({ saved }) => costsAsMuch(saved, wish))
    .flatMap((run) => paceOf(run) ?? [])
    .sort((a, b) => a - b);
  const [slowest, fastest] = [paces[0], paces.at(-1)];
  if (iterations === 0 || slowest === undefined || fastest === undefined) return null;
  const half = paces.length / 2;
  const pace = (paces[Math.ceil(half) - 1]! + paces[Math.floor(half)]!) / 2;
  return { milliseconds: (1000 * iterations) / pace, iterations, runs: paces.length, pace, slowest, fastest };
}

function costsAsMuch(a: SavedSettings, b: SavedSettings): boolean {
  if (a.data !== b.data || a.mode !== b.mode || a.architecture !== b.architecture) return false;
  const both = (name: OptionName) =>
    [a, b].map(({ values }) => values[name] ?? optionOf(name).default) as [unknown, unknown];
  const isSame = (name: OptionName, of: (value: unknown) => unknown) => {
    const [left, right] = both(name);
    return of(left) === of(right);
  };
  return (
    WORK.every((name) => isSame(name, (value) => value)) && TERMS.every((name) => isSame(name, (value) => value !== 0))
  );
}

/**
 * Iterations in a second, from where training last began or went on to its end, or to the latest that is known of it; evaluations and
 * figures are in it. Null where too little is known.
 */
export function paceOf({ entries, summary }: Pick<Trained, "entries" | "summary">): number | null {
  const begun = entries.findLastIndex(({ iterations }) => iterations !== undefined);
  const from = entries[begun];
  if (from === undefined) return null;
  const end = entries.slice(begun).findLast((entry) => entry.end !== undefined);
  const { iteration, time } = end ?? { iteration: summary.iteration, time: summary.updated };
  const [done, spent] = [(iteration ?? 0) - (from.iteration ?? 0), time - from.time];
  return done > 0 && spent > (end?.end === "done" ? 0 : LEAST) ? (1000 * done) / spent : null;
}
