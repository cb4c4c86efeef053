/**
 * One process at a time owns a folder.
 *
 * Each that wants it leaves a claim of its own, a file with a name that no other has, and then looks for claims of others: of two
 * processes at least the later sees the other's. A claim of a process that is gone is removed; its name never comes again, so that
 * this cannot hit a new one. After a crash there is nothing to clean up.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { checkedJson, type Entries, type Schema, whole } from "./read-back.js";
import { FileError, onFile, writeAtomic } from "./write.js";

/** What a claim says of its process. */
interface Owner {
  readonly pid: number;
  /** When the process started, as far as the system tells: numbers of processes come again. */
  readonly started: string | null;
  readonly host: string;
  /** Where `pid` means this process: machine since its last start, and container. */
  readonly place: string;
  readonly since: string;
}

const OWNER: Schema<Owner> = v.object({
  pid: whole(1),
  started: v.nullable(v.string()),
  host: v.string(),
  place: v.string(),
  since: v.string(),
} satisfies Entries<Owner>);

const CLAIM = /^\.vera-[\da-f-]{36}\.lock$/;

export const isClaim = (name: string): boolean => CLAIM.test(name);

/** Processes of another machine or container are known to live by their claim's time: they renew it. */
const RENEWED_EVERY = 15_000;
const GONE_AFTER = 120_000;

/** Of two that claim at once both may give way: they try again after a random while. */
const ATTEMPTS = 3;

export class FolderLock {
  private readonly renewal: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    content: string,
    /** When it was taken, by the clock of the file system. */
    readonly since: number,
  ) {
    this.renewal = setInterval(() => void renew(path, content), RENEWED_EVERY).unref();
  }

  /**
   * @param user what takes it, for messages: all users of a folder are of one kind
   * @throws FileError where another process owns the folder, or nothing can be written to it
   */
  static async take(folder: string, user = "training run"): Promise<FolderLock> {
    const content = `${JSON.stringify(thisProcess())}\n`;
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, `.vera-${randomUUID()}.lock`);
      await onFile(folder, () => writeAtomic(path, content));
      try {
        const { mtimeMs } = await onFile(path, () => stat(path));
        const other = await findOther(folder, path, mtimeMs);
        if (other === null) return new FolderLock(path, content, mtimeMs);
        if (attempt === ATTEMPTS) throw inUse(folder, user, other);
      } catch (cause) {
        await rm(path, { force: true });
        throw cause;
      }
      await rm(path, { force: true });
      await sleep(20 + Math.random() * 100);
    }
  }

  async release(): Promise<void> {
    clearInterval(this.renewal);
    await rm(this.path, { force: true });
  }
}

interface Other {
  readonly owner: Owner;
  readonly file: string;
}

/** Who has a folder. */
export interface Holder {
  readonly pid: number;
  /** `pid` is a process of this machine and container. */
  readonly isHere: boolean;
  readonly host: string;
}

/** Who has a folder by the claims in it, whose names are given; null where nobody who lives has. Nothing is changed. */
export async function holderOf(folder: string, claims: readonly string[]): Promise<Holder | null> {
  for (const name of claims) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    const owner = found && (await readClaim(file));
    if (found === null || owner === null || !isAlive(owner, Date.now() - found.mtimeMs)) continue;
    return { pid: owner.pid, isHere: owner.place === thisProcess().place, host: owner.host };
  }
  return null;
}

/** The claim of a process that lives, other than `own`; claims of those that do not are removed. */
async function findOther(folder: string, own: string, now: number): Promise<Other | null> {
  for (const name of await onFile(folder, () => readdir(folder))) {
    const file = join(folder, name);
    if (!isClaim(name) || file === own) continue;
    const found = await stat(file).catch(() => null);
    const owner = found && (await readClaim(file));
    if (found === null || owner === null) continue; // given back meanwhile
    if (isAlive(owner, now - found.mtimeMs)) return { owner, file };
    await onFile(file, () => rm(file, { force: true }));
  }
  return null;
}

async function readClaim(file: string): Promise<Owner | null> {
  try {
    return checkedJson(OWNER, await readFile(file, "utf8"), (problem) => new Error(problem));
  } catch {
    return null;
  }
}

/** Writes the same again, in place: the file system's own clock tells its time to other machines. */
async function renew(path: string, content: string): Promise<void> {
  const file = await open(path, "r+").catch(() => null);
  if (file === null) return;
  try {
    await file.write(content, 0);
  } catch {
    // A disk that fails now may work at the next time.
  } finally {
    await file.close();
  }
}

function isAlive({ pid, started, place }: Owner, age: number): boolean {
  return place === thisProcess().place ? isRunning(pid, started) : age < GONE_AFTER;
}

/** Whether a process of this machine lives that was started then, by {@link startOf}. */
export function isRunning(pid: number, started: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: it lives, and is another user's
  }
  const start = startOf(pid);
  return start === null || started === null || start === started;
}

function inUse(folder: string, user: string, { owner, file }: Other): FileError {
  const here = owner.place === thisProcess().place;
  const who = `process ${owner.pid}${here ? "" : ` on ${owner.host}`}, since ${owner.since}`;
  const wayOut = here
    ? `wait for it, or stop it with: kill ${owner.pid}`
    : `wait for it, or stop it there; if it is gone, its claim ends within two minutes (${file})`;
  return new FileError(`${folder} is in use by another ${user} (${who}): ${wayOut}`);
}

const thisProcess = (): Owner => ({
  pid: process.pid,
  started: startOf(process.pid),
  host: hostname(),
  place: [hostname(), readOrEmpty("/proc/sys/kernel/random/boot_id"), pidNamespace()].join(" ").trim(),
  since: new Date().toISOString(),
});

/** Start of a process in ticks since the machine's, of /proc; null where that is not, or tells this user nothing. */
export function startOf(pid: number): string | null {
  // The second field is the program's name in parentheses, and may hold anything.
  const [state, ...fields] = readOrEmpty(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ");
  return state === "Z" ? "ended" : (fields[18] ?? null); // a zombie only waits for its parent to ask
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
