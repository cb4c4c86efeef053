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

/** Which of the launched processes this one is, as the launcher's variables say: without MPI. */
export interface Place {
  readonly rank: number;
  readonly size: number;
  /** Processes of the job on this machine. */
  readonly local: number;
}

/** Null where no launcher started this process as one of several. */
export function placeOf(env: NodeJS.ProcessEnv): Place | null {
  switch (launcherOf(env)) {
    case null:
      return null;
    case "Open MPI":
      return {
        rank: numberIn(env, "OMPI_COMM_WORLD_RANK"),
        size: numberIn(env, "OMPI_COMM_WORLD_SIZE"),
        local: Math.max(1, numberIn(env, "OMPI_COMM_WORLD_LOCAL_SIZE")),
      };
    case "Slurm":
      return {
        rank: numberIn(env, "SLURM_PROCID"),
        size: numberIn(env, "SLURM_STEP_NUM_TASKS"),
        local: tasksOf(env.SLURM_STEP_TASKS_PER_NODE ?? "", numberIn(env, "SLURM_NODEID")),
      };
    case "MPICH": {
      const local = numberIn(env, "MPI_LOCALNRANKS", "PMIX_LOCAL_SIZE");
      return {
        rank: numberIn(env, "PMI_RANK", "PMIX_RANK"),
        size: Math.max(local, numberIn(env, "PMI_SIZE", "PMIX_SIZE")),
        local: Math.max(1, local),
      };
    }
  }
}

/** Tasks of a node in Slurm's list, `2(x3),1`: two on each of three nodes, then one. */
function tasksOf(list: string, node: number): number {
  const each = [...list.matchAll(/(\d+)(?:\(x(\d+)\))?/g)].flatMap(([, tasks, nodes]) =>
    Array.from({ length: Number(nodes ?? 1) }, () => Number(tasks)),
  );
  return Math.max(1, each[node] ?? 1);
}
