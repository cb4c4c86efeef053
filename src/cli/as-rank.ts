/** A command that a launcher of MPI may have started several times: rank 0 speaks, and all end together. */
import { setTimeout } from "node:timers/promises";
import { launcherOf, type Place, placeOf } from "../cluster/launcher.js";
import type { Job } from "../cluster/mpi.js";
import { line, type Output, type Terminal } from "./command.js";
import { exitCodeOf, formatError } from "./errors.js";

/** What all ranks fail at alike rank 0 has told by then, in milliseconds. */
const TOLD = 500;

/** And where nothing binds the ranks, so that one may be a good deal slower. */
const TOLD_APART = 5000;

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

/**
 * Runs a command whose processes share out work by files, each for itself: MPI is not begun, so that where the launcher lets the others live
 * they do. Rank 0 has the results, and its code is the job's: one of another rank that is not 0 ends all under Open MPI.
 * @throws whatever the command throws on rank 0, or where it runs alone
 */
export async function asSharer(
  terminal: Terminal,
  command: (place: Place | null, terminal: Terminal) => Promise<number>,
): Promise<number> {
  const place = placeOf(process.env);
  if (place === null || place.rank === 0) return command(place, terminal);
  try {
    await command(place, { out: SILENT, err: terminal.err });
  } catch (error) {
    await setTimeout(TOLD_APART);
    line(terminal.err, `rank ${place.rank}: ${formatError(error, process.argv.includes("--debug"))}`);
  }
  return 0;
}
