/** A folder that results are written to, and that may hold what is not ours: that stays. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FileError } from "./write.js";

export class ResultFolder {
  private constructor(
    readonly path: string,
    private readonly taken: ReadonlySet<string>,
  ) {}

  /** @param replace whether files that are there may be replaced: in a folder of our own, or where the user says so */
  static async open(path: string, replace: boolean): Promise<ResultFolder> {
    const held = replace ? [] : await readdir(path).catch((): string[] => []);
    return new ResultFolder(path, new Set(held));
  }

  /** Path of a file to write. @throws FileError where one of that name was there before */
  at(name: string): string {
    const path = join(this.path, name);
    if (this.taken.has(name))
      throw new FileError(`${path} is there already: name another folder with --out, or replace it with --overwrite`);
    return path;
  }

  /** Path of a figure, without its extension. */
  figure(name: string): string {
    for (const extension of ["svg", "png"]) this.at(`${name}.${extension}`);
    return join(this.path, name);
  }
}
