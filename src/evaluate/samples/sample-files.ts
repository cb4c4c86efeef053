/** What `vera sample` writes: arrays, pictures, and a report that names them. */

import { encodeNpy } from "../../data/formats/npy.js";
import { type ResultFolder, writeAtomic } from "../../files/index.js";
import type { NdArray } from "../../runtime/index.js";

/** Writes files to a folder and remembers which. */
export class Files {
  private readonly written: string[] = [];

  /** @param names of files that will be written: what is in their way is found before the work */
  constructor(
    private readonly folder: ResultFolder,
    names: readonly string[],
  ) {
    for (const name of names) folder.at(name);
  }

  async array(name: string, x: NdArray): Promise<void> {
    await writeAtomic(this.folder.at(`${name}.npy`), encodeNpy(x));
    this.written.push(`${name}.npy`);
  }

  async picture(name: string, draw: (path: string) => Promise<boolean>): Promise<void> {
    if (await draw(this.folder.figure(name))) this.written.push(`${name}.png`);
  }

  async report<R extends object>(result: R, name: string): Promise<R & { readonly files: readonly string[] }> {
    const complete = { ...result, files: [...this.written, name] };
    await writeAtomic(this.folder.at(name), `${JSON.stringify(complete, null, 2)}\n`);
    return complete;
  }
}
