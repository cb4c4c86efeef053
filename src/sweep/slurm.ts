/** A sweep as an array of jobs of Slurm's: a member each. */

export interface SlurmOptions {
  readonly name: string;
  readonly members: number;
  /** Members at a time. */
  readonly jobs: number;
  readonly threads: number;
  /** Folder for what jobs say. */
  readonly logs: string;
  /** The command that trains one member, but for its number; each part as the shell takes it. */
  readonly command: readonly string[];
}

/** A folder as it is between quotes of a line for sbatch, whose signs for a job's number begin with %. */
const literal = (folder: string): string => folder.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%");

/** A job's name without what ends a line or an option. */
const plain = (name: string): string => name.replaceAll(/[^\w.-]+/g, "_");

/** The script, for `sbatch`. Time, partition and account are what it leaves to be given there, or by SBATCH_… variables. */
export const slurmScript = ({ name, members, jobs, threads, logs, command }: SlurmOptions): string => `#!/bin/bash
#SBATCH --job-name=${plain(name)}
#SBATCH --array=0-${members - 1}%${jobs}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=${threads}
#SBATCH --output="${literal(logs)}/%a.out"
# Two minutes before the time is over the member saves; submitted again, the array goes on.
#SBATCH --signal=B:INT@120

exec ${command.join(" ")} --member "$SLURM_ARRAY_TASK_ID"
`;
