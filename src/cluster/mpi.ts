/**
 * MPI by its C interface: what `Ranks` needs of it (MPI 4.1, chapters 6 and 11). Handles are pointers in Open MPI and integers in MPICH
 * and what descends from it (Intel MPI, MVAPICH, Cray MPICH).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LibraryHandle } from "koffi";
import type { Ranks } from "../runtime/index.js";
import { type Launcher, launcherOf } from "./launcher.js";

/** MPI is asked for, and is not there or fails. The message says what can be done. */
export class MpiError extends Error {
  override readonly name = "MpiError";
}

/** This process in a job. */
export interface Job extends Ranks {
  /** Returns when all have come here. Who waits leaves the processor to those that work, and hears signals. */
  barrier(): Promise<void>;
  /** What each process says, by rank: the same on all. */
  gather(bytes: Uint8Array): Uint8Array[];
  /** When all are done: every process must call it. */
  finalize(): void;
  /** Ends all processes of the job. */
  abort(code: number): void;
}

/** Constants of an implementation: values of its `mpi.h`, which programs compile in. */
interface Handles {
  /** C type of a handle. */
  readonly type: "void *" | "int";
  readonly world: unknown;
  readonly float: unknown;
  readonly byte: unknown;
  readonly sum: unknown;
}

const MPICH: Handles = { type: "int", world: 0x44000000, float: 0x4c00040a, byte: 0x4c00010d, sum: 0x58000003 };

const openMpi = (library: LibraryHandle): Handles => ({
  type: "void *",
  world: library.symbol("ompi_mpi_comm_world"),
  float: library.symbol("ompi_mpi_float"),
  byte: library.symbol("ompi_mpi_byte"),
  sum: library.symbol("ompi_mpi_op_sum"),
});

/** Names by which the loader finds an implementation; that of the launcher first. */
const OPEN_MPI = ["libmpi.so.40", "libmpi.40.dylib"];
const OF_MPICH = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];
const LIBRARIES: Readonly<Record<Launcher, readonly string[]>> = {
  "Open MPI": [...OPEN_MPI, ...OF_MPICH, "libmpi.so"],
  MPICH: [...OF_MPICH, ...OPEN_MPI, "libmpi.so"],
  Slurm: ["libmpi.so", ...OPEN_MPI, ...OF_MPICH],
};

const SUCCESS = 0;

/** A rank that waits for the others looks so often whether they are there, in milliseconds. */
const POLLED = 50;

/**
 * Joins the job that a launcher started this process for; null where none did.
 * @throws MpiError where its MPI cannot be found or used
 */
export async function joinJob(env: NodeJS.ProcessEnv): Promise<Job | null> {
  const launcher = launcherOf(env);
  if (launcher === null) return null;
  const library = await load(launcher, env.MPI_LIBRARY);
  const { type, world, float, byte, sum } = has(library, "ompi_mpi_comm_world") ? openMpi(library) : MPICH;
  const define = (name: string, ...args: string[]) => {
    const call = library.func(name, "int", args);
    return (...values: unknown[]): void => {
      const code: unknown = call(...values);
      if (code !== SUCCESS) throw new MpiError(`${name} failed with code ${code}`);
    };
  };
  const init = define("MPI_Init", "void *", "void *");
  const rankOf = define("MPI_Comm_rank", type, "void *");
  const sizeOf = define("MPI_Comm_size", type, "void *");
  const allReduce = define("MPI_Allreduce", "void *", "void *", "int", type, type, type);
  const bcast = define("MPI_Bcast", "void *", "int", type, "int", type);
  const allGather = define("MPI_Allgather", "void *", "int", type, "void *", "int", type, type);
  const iBarrier = define("MPI_Ibarrier", type, "void *");
  const isDone = define("MPI_Test", "void *", "void *", "void *");
  const finalize = define("MPI_Finalize");
  const abort = define("MPI_Abort", type, "int");

  init(null, null);
  const number = (of: (...values: unknown[]) => void): number => {
    const out = new Int32Array(1);
    of(world, out);
    return out[0]!;
  };
  const [rank, size] = [number(rankOf), number(sizeOf)];
  if (size === 1)
    throw new MpiError(
      `${launcher} started several processes, of which this one's MPI knows itself alone: name the library of that launcher's MPI by MPI_LIBRARY`,
    );
  let sums = new Float32Array(0);
  return {
    rank,
    size,
    allMean(values) {
      if (sums.length < values.length) sums = new Float32Array(values.length);
      allReduce(values, sums, values.length, float, sum, world);
      for (let i = 0; i < values.length; i++) values[i] = sums[i]! / size;
    },
    broadcast(bytes) {
      const length = new Uint8Array(Float64Array.of(bytes?.length ?? 0).buffer);
      bcast(length, length.length, byte, 0, world);
      const content = bytes ?? new Uint8Array(new Float64Array(length.buffer)[0]!);
      if (content.length > 0) bcast(content, content.length, byte, 0, world);
      return content;
    },
    async barrier() {
      // Memory that MPI writes to: a request, which is a pointer or an integer, whether it is done, and a status, of at most 24 bytes.
      const [request, done, status] = [new BigInt64Array(1), new Int32Array(1), new Uint8Array(64)];
      iBarrier(world, request);
      for (;;) {
        isDone(request, done, status);
        if (done[0] !== 0) return;
        await sleep(POLLED);
      }
    },
    gather(bytes) {
      const lengths = new Int32Array(size);
      allGather(Int32Array.of(bytes.length), 4, byte, lengths, 4, byte, world);
      const longest = Math.max(1, ...lengths);
      const [own, all] = [new Uint8Array(longest), new Uint8Array(size * longest)];
      own.set(bytes);
      allGather(own, longest, byte, all, longest, byte, world);
      return Array.from(lengths, (length, i) => all.slice(i * longest, i * longest + length));
    },
    finalize: () => finalize(),
    abort: (code) => abort(world, code),
  };
}

function has(library: LibraryHandle, name: string): boolean {
  try {
    return Boolean(library.symbol(name));
  } catch {
    return false;
  }
}

async function load(launcher: Launcher, named: string | undefined): Promise<LibraryHandle> {
  const koffi = await import("koffi").catch((cause: unknown) => {
    throw new MpiError(
      `${launcher} started this process as one of several, which takes the package koffi: npm install koffi, or start vera without the launcher`,
      { cause },
    );
  });
  const names = named === undefined ? LIBRARIES[launcher] : [named];
  const problems: string[] = [];
  for (const name of names) {
    try {
      // Its parts, which it loads itself, look for its symbols among those of all.
      return koffi.load(name, { global: true });
    } catch (cause) {
      problems.push(cause instanceof Error ? cause.message : String(cause));
    }
  }
  throw new MpiError(
    `${launcher} started this process as one of several, and its MPI library was not found (${problems[0]}): ` +
      `set MPI_LIBRARY to the path of libmpi, or start vera without the launcher`,
  );
}
