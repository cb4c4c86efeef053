/**
 * Who trains which member of a sweep: processes that have the same folder, on one machine or on several, share its members out by claims in it. That of
 * a process that is gone counts no more, and another goes on with its member.
 */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  FolderInUse,
  FolderLock,
  holderOf,
  isClaim,
  makeFolder,
  onFile,
  temporaryFor,
  writeAtomic,
} from "../files/index.js";
import type { Member } from "./plan.js";

/** Why a member failed, in its folder of claims. */
const FAILED = "failed.txt";

export class Claims {
  private constructor(
    private readonly folder: string,
    /** By the clock of the file system: failures from before are of an earlier command, and are tried again. */
    private readonly since: number,
  ) {}

  /** @throws FileError where nothing can be written to the folder */
  static async open(folder: string): Promise<Claims> {
    await onFile(folder, () => makeFolder(folder));
    const now = temporaryFor(join(folder, "now"));
    await writeAtomic(now, "");
    const { mtimeMs } = await stat(now);
    await rm(now, { force: true });
    return new Claims(folder, mtimeMs);
  }

  private of = ({ name }: Member): string => join(this.folder, name);

  /** Whether a process has claimed it, or trains it: one may have outlived the process that had claimed it. */
  async isHeld(member: Member): Promise<boolean> {
    for (const folder of [this.of(member), member.config.saveDir]) {
      const names = await readdir(folder).catch((): string[] => []);
      if ((await holderOf(folder, names.filter(isClaim))) !== null) return true;
    }
    return false;
  }

  /** Null where another has it. @throws FileError where nothing can be written */
  async take(member: Member): Promise<FolderLock | null> {
    const folder = this.of(member);
    await onFile(folder, () => makeFolder(folder));
    try {
      return await FolderLock.take(folder, "sweep");
    } catch (cause) {
      if (cause instanceof FolderInUse) return null;
      throw cause;
    }
  }

  async fail(member: Member, why: string): Promise<void> {
    await writeAtomic(join(this.of(member), FAILED), why);
  }

  async clear(member: Member): Promise<void> {
    await rm(join(this.of(member), FAILED), { force: true });
  }

  /** Why it failed since these claims were opened, whoever trained it; null where it did not. */
  async failure(member: Member): Promise<string | null> {
    const file = join(this.of(member), FAILED);
    const found = await stat(file).catch(() => null);
    if (found === null || found.mtimeMs < this.since) return null;
    return readFile(file, "utf8").catch(() => null);
  }
}
