/** Whether this process is one of several that a launcher of MPI started, and which MPI that is of. */

export type Launcher = "Open MPI" | "MPICH" | "Slurm";

const numberIn = (env: NodeJS.ProcessEnv, ...names: string[]): number =>
  Math.max(0, ...names.map((name) => Number(env[name] ?? 0)).filter(Number.isInteger));

/**
 * Null where there is none, or it started one process. In a batch script of Slurm's there is none either: srun starts processes there,
 * and each then knows its step.
 */
export function launcherOf(env: NodeJS.ProcessEnv): Launcher | null {
  if (numberIn(env, "OMPI_COMM_WORLD_SIZE") > 1) return "Open MPI";
  if (numberIn(env, "SLURM_STEP_NUM_TASKS") > 1) return "Slurm";
  if (numberIn(env, "PMI_SIZE", "PMIX_SIZE", "MPI_LOCALNRANKS") > 1) return "MPICH";
  return null;
}
