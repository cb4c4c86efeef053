/** Pictures and charts that a run has drawn. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isOwn } from "../../runs/folder/run-files.js";
import type { Figure } from "../api.js";

const FILE = /^(?<kind>.+?)(?:-(?<iteration>\d{7,}))?\.(?<ending>png|vl\.json)$/;

interface Files {
  png: string | null;
  spec: string | null;
}

/** In the order of kinds and iterations. @param address of a file of the run's, by its path */
export async function readFigures(folder: string, address: (path: string) => string): Promise<Figure[]> {
  const names = await readdir(join(folder, "figures")).catch((): string[] => []);
  const found = new Map<string, Files>();
  for (const name of names.sort()) {
    const path = `figures/${name}`;
    const { kind, iteration = "", ending } = FILE.exec(name)?.groups ?? {};
    if (kind === undefined || !isOwn(path)) continue;
    const { mtimeMs } = await stat(join(folder, path)).catch(() => ({ mtimeMs: 0 }));
    const key = `${kind} ${iteration}`;
    const files = found.get(key) ?? { png: null, spec: null };
    files[ending === "png" ? "png" : "spec"] = `${address(path)}?v=${Math.round(mtimeMs)}`;
    found.set(key, files);
  }
  return [...found].map(([key, files]) => {
    const [kind = "", iteration = ""] = key.split(" ");
    return { kind, iteration: iteration === "" ? null : Number(iteration), ...files };
  });
}
