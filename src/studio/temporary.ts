/** A folder of the studio's own, for this user alone, that goes when the studio ends. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../files/index.js";

export class TemporaryFolder {
  private made: Promise<string> | null = null;

  /** A new folder in it, under a name that cannot be guessed. */
  async folder(): Promise<{ readonly id: string; readonly path: string }> {
    this.made ??= mkdtemp(join(tmpdir(), "vera-studio-"));
    const id = randomUUID();
    const path = join(await this.made, id);
    await makeFolder(path);
    return { id, path };
  }

  async close(): Promise<void> {
    if (this.made !== null) await rm(await this.made, { recursive: true, force: true });
  }
}
