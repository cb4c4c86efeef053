import { expect, test } from "vitest";
import { launcherOf } from "../../src/cluster/launcher.js";
import { joinJob } from "../../src/cluster/mpi.js";

test("a launcher is known by what it sets", () => {
  expect(launcherOf({ OMPI_COMM_WORLD_SIZE: "4" })).toBe("Open MPI");
  expect(launcherOf({ PMI_SIZE: "2", PMI_RANK: "0" })).toBe("MPICH");
  expect(launcherOf({ SLURM_STEP_NUM_TASKS: "8", SLURM_NTASKS: "8" })).toBe("Slurm");
});

test("one process is none of several: not outside a launcher, nor in Slurm's batch script, nor where one was started", () => {
  expect(launcherOf({})).toBeNull();
  expect(launcherOf({ SLURM_NTASKS: "8", SLURM_PROCID: "0" })).toBeNull();
  expect(launcherOf({ OMPI_COMM_WORLD_SIZE: "1" })).toBeNull();
});

test("an MPI that is not there is told, with the way out", async () => {
  await expect(joinJob({ OMPI_COMM_WORLD_SIZE: "2", MPI_LIBRARY: "/nowhere/libmpi.so" })).rejects.toThrow(
    /Open MPI started .*MPI_LIBRARY to the path of libmpi, or start vera without the launcher/,
  );
});
