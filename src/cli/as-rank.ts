/** A command that a launcher of MPI may have started several times: rank 0 speaks, and all end together. */
import { setTimeout } from "node:timers/promises";
import { launcherOf } from "../cluster/launcher.js";
import type { Job } from "../cluster/mpi.js";
import { line, type Output, type Terminal } from "./command.js";
import { exitCodeOf, formatError } from "./errors.js";

/** What all ranks fail at alike rank 0 has told by then, in milliseconds. */
const TOLD = 500;

const SILENT: Output = { write: () => true };

/**
 * Runs the command as one rank of a job, or alone. Where it fails on one rank the whole job ends: the others would wait for it for ever.
 * @throws MpiError where the launcher's MPI cannot be used; whatever the command throws where it runs alone
 */
export async function asRank(
  terminal: Terminal,
  command: (job: Job | null, terminal: Terminal) => Promise<number>,
): Promise<number> {
  if (launcherOf(process.env) === null) return command(null, terminal);
  const { joinJob } = await import("../cluster/mpi.js");
  const job = await joinJob(process.env);
  if (job === null) return command(null, terminal);
  const leads = job.rank === 0;
  try {
    const code = await command(job, leads ? terminal : { out: SILENT, err: SILENT });
    job.finalize();
    return code;
  } catch (error) {
    if (!leads) await setTimeout(TOLD);
    line(terminal.err, `${leads ? "" : `rank ${job.rank}: `}${formatError(error, process.argv.includes("--debug"))}`);
    job.abort(exitCodeOf(error));
    return exitCodeOf(error);
  }
}
