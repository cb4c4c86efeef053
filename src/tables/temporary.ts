/** Folders of the system's temporary place that go when they are not needed, or the process ends. */
import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";

const folders = new Set<string>();
let watching = false;

/** A folder that is removed by `remove`, or with the end of the process. */
export function removedAtExit(folder: string): { readonly folder: string; remove(): Promise<void> } {
  folders.add(folder);
  if (!watching) process.on("exit", removeAll);
  watching = true;
  return {
    folder,
    async remove() {
      await rm(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
