import { expect, test } from "vitest";
import { coresOf } from "../../src/cluster/cores.js";
import { launcherOf, placeOf } from "../../src/cluster/launcher.js";
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

test("which of the processes this one is, and how many are on its machine", () => {
  const openMpi = { OMPI_COMM_WORLD_SIZE: "4", OMPI_COMM_WORLD_RANK: "3", OMPI_COMM_WORLD_LOCAL_SIZE: "2" };
  expect(placeOf(openMpi)).toEqual({ rank: 3, size: 4, local: 2 });
  expect(placeOf({ PMI_SIZE: "2", PMI_RANK: "1", MPI_LOCALNRANKS: "2" })).toEqual({ rank: 1, size: 2, local: 2 });
  const slurm = { SLURM_STEP_NUM_TASKS: "7", SLURM_PROCID: "6", SLURM_STEP_TASKS_PER_NODE: "2(x3),1" };
  expect(placeOf({ ...slurm, SLURM_NODEID: "3" })).toEqual({ rank: 6, size: 7, local: 1 });
  expect(placeOf({ ...slurm, SLURM_NODEID: "2", SLURM_PROCID: "5" })).toEqual({ rank: 5, size: 7, local: 2 });
  expect(placeOf({ SLURM_PROCID: "0", SLURM_NTASKS: "4" })).toBeNull();
});

test("a rank has its part of the machine's cores, and no more than it is bound to", () => {
  const ranks = (local: number) => ({ rank: 0, size: 8, local });
  expect(coresOf(ranks(4), { allowed: 16, all: 16 })).toBe(4);
  expect(coresOf(ranks(4), { allowed: 1, all: 16 })).toBe(1);
  expect(coresOf(ranks(4), { allowed: 2, all: 2 })).toBe(1);
  expect(coresOf(ranks(1), { allowed: 6, all: 16 })).toBe(6);
  expect(coresOf(null, { allowed: 6, all: 16 })).toBe(6);
});
