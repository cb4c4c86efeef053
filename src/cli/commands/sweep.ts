/** `vera sweep`. */
import { spawnSync } from "node:child_process";
import { basename, extname, join } from "node:path";
import { coresOf } from "../../cluster/cores.js";
import type { Place } from "../../cluster/launcher.js";
import { quoted } from "../../files/index.js";
import { bool, int, string, strings } from "../../runs/config/index.js";
import type { Plan } from "../../sweep/plan.js";
import type { Outcome } from "../../sweep/queue.js";
import { asSharer } from "../as-rank.js";
import { type Command, line, type Terminal } from "../command.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { INTERRUPTED, interruptible } from "../interrupt.js";
import { readOptions } from "../options.js";

const OPTIONS = {
  out: string({ value: "DIR", otherwise: "runs/NAME of the file", help: "Folder of all its runs." }),
  jobs: int(null, {
    min: 1,
    max: 1024,
    nothing: "auto",
    otherwise: "one per core, as far as there are members; under mpirun one a rank",
    help: "Members that are trained at a time, of a rank under mpirun; the cores are shared out among them.",
  }),
  metrics: strings({
    value: "NAME …",
    help: "Columns of the table: metrics of the test split, minutes. Default: all.",
  }),
  table: bool(false, { help: "Train nothing: make the table of what is there." }),
  dryRun: bool(false, { help: "Say what would be trained." }),
  slurm: bool(false, { help: "Write an array of jobs for Slurm, and submit it where sbatch is there." }),
  member: int(null, {
    min: 0,
    max: 1e6,
    nothing: "all",
    otherwise: "all",
    help: "Train this one alone, by its number.",
  }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera sweep FILE [options]

Train many runs: settings of a YAML or JSON file, each with several seeds.

  preset: quickstart
  settings: { n-iters: 1000 }       # of all
  grid:                             # every combination; or list:, or random:
    lr: [0.001, 0.002]
    ent-weight: [0.0001, 0.01]
  repeat: 3                         # seeds

Members that are finished are not repeated, those that were begun go on, one
that fails leaves the others alone. The table of results, results.md and
results.csv in the folder, has mean ± standard deviation over seeds, and in
brackets the difference from the first settings, seed by seed, with its standard
error. docs/sweeps.md says the rest.

  vera sweep entropy.yaml --dry-run
  vera sweep entropy.yaml --jobs 2
  mpirun -n 8 vera sweep entropy.yaml      # members are shared out among ranks
  vera sweep entropy.yaml --table --metrics accuracy ece`;

const NOTHING: Outcome = { failed: new Map(), leftAt: new Map() };

export const sweep: Command = (argv, terminal) => asSharer(terminal, (place, own) => sweepRuns(argv, own, place));

async function sweepRuns(argv: readonly string[], terminal: Terminal, place: Place | null): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError("vera sweep needs one file: vera sweep FILE");
  const out = values.out ?? join("runs", basename(file, extname(file)));
  const again = `vera sweep ${quoted(file)}${values.out === null ? "" : ` --out ${quoted(out)}`}`;
  const { readPlan } = await import("../../sweep/plan.js");
  const plan = await readPlan(file, out);
  if (values.member !== null && values.member >= plan.members.length)
    throw new UsageError(`--member ${values.member}: the sweep has members 0 to ${plan.members.length - 1}`);
  const alone = values.dryRun || values.slurm || values.table || values.member !== null;
  if (alone && place !== null && place.rank > 0) return 0;
  if (values.dryRun) return listed(plan, terminal);
  const share = shareOf(values.jobs, plan.members.length, alone ? null : place);
  if (values.slurm) return submit(plan, { file, out, again }, share, terminal);
  const chosen = values.member === null ? plan : { ...plan, members: [plan.members[values.member]!], halving: null };
  const { outcome, stopped } = values.table
    ? { outcome: NOTHING, stopped: false }
    : await train(chosen, out, share, terminal);
  if (share.rank > 0) return 0;
  if (values.member === null) await report(plan, out, values.metrics, outcome, terminal);
  if (stopped) {
    line(terminal.err, `stopped; continue with: ${again}`);
    return INTERRUPTED;
  }
  return outcome.failed.size > 0 ? 1 : 0;
}

/** What this process has of the work. */
interface Share {
  readonly jobs: number;
  /** Of a member. */
  readonly threads: number;
  readonly rank: number;
  readonly ranks: number;
}

function shareOf(given: number | null, members: number, place: Place | null): Share {
  const { rank, size } = place ?? { rank: 0, size: 1 };
  const cores = coresOf(place);
  const jobs = given ?? (size > 1 ? 1 : Math.min(cores, members));
  return { jobs, threads: Math.max(1, Math.floor(cores / jobs)), rank, ranks: size };
}

/** This program, as it was started. */
const VERA = [process.execPath, ...process.execArgv, process.argv[1]!] as const;

function listed({ members, halving }: Plan, { out }: Terminal): number {
  for (const [i, { name }] of members.entries()) line(out, `${String(i).padStart(4)}  ${name}`);
  line(
    out,
    `\n${members.length} runs${halving === null ? "" : `; after ${halving.rungs.join(", ")} iterations ${100 * halving.keep} % of the settings go on`}`,
  );
  return 0;
}

function begun({ members }: Plan, out: string, { jobs, threads, ranks }: Share): string {
  const most = Math.min(jobs, members.length);
  const how =
    ranks === 1 ? `${most} at a time` : `shared out among ${ranks} ranks${jobs > 1 ? `, ${jobs} at a time` : ""}`;
  const own = members.every(({ config }) => config.threads !== null);
  return `${members.length} runs below ${out}, ${how}${own ? "" : `, each with ${threads} thread${threads === 1 ? "" : "s"}`}`;
}

async function train(
  plan: Plan,
  out: string,
  share: Share,
  { err }: Terminal,
): Promise<{ outcome: Outcome; stopped: boolean }> {
  const { runSweep } = await import("../../sweep/queue.js");
  if (share.rank === 0) line(err, begun(plan, out, share));
  let stopped = false;
  const outcome = await interruptible(
    (signal) => {
      signal.addEventListener("abort", () => {
        stopped = true;
      });
      return runSweep(plan, {
        ...share,
        vera: VERA,
        folder: out,
        leads: share.rank === 0,
        signal,
        onMessage: (text) => line(err, text),
      });
    },
    () => {
      if (share.rank === 0)
        line(err, "stopping: each run finishes its iteration, then saves; Ctrl-C again stops at once");
    },
  );
  return { outcome, stopped };
}

async function report(
  plan: Plan,
  out: string,
  metrics: readonly string[],
  outcome: Outcome,
  { out: result, err }: Terminal,
): Promise<void> {
  const { resultsOf } = await import("../../sweep/results.js");
  const { csvOf, markdownOf } = await import("../../sweep/table.js");
  const { writeAtomic } = await import("../../files/index.js");
  const results = await resultsOf(plan, metrics, outcome);
  if (results.metrics.length === 0) {
    line(err, "no run is finished: there are no results yet");
    return;
  }
  const table = markdownOf(results);
  await writeAtomic(join(out, "results.md"), `${table}\n`);
  await writeAtomic(join(out, "results.csv"), csvOf(results));
  line(result, table);
}

async function submit(
  { name, members, halving }: Plan,
  { file, out, again }: Record<"file" | "out" | "again", string>,
  { jobs, threads }: Share,
  { err }: Terminal,
): Promise<number> {
  if (halving !== null)
    throw new UsageError(
      "--slurm: jobs of an array do not wait for one another, as halving has to; leave one of them out",
    );
  const { slurmScript } = await import("../../sweep/slurm.js");
  const { makeFolder, writeAtomic } = await import("../../files/index.js");
  const logs = join(out, "logs");
  await makeFolder(logs);
  const script = join(out, "sweep.slurm");
  const command = [...VERA, "sweep", file, "--out", out].map(quoted);
  await writeAtomic(script, slurmScript({ name, members: members.length, jobs, threads, logs, command }));
  const { status, error, stderr } = spawnSync("sbatch", [script], { encoding: "utf8" });
  if (status === 0) line(err, `submitted ${members.length} jobs (${script}); their table: ${again} --table`);
  else
    line(
      err,
      `wrote ${script}; submit it with: sbatch ${quoted(script)}${error === undefined ? ` (${stderr.trim()})` : ""}`,
    );
  return 0;
}
