/** How tests start `vera` as a process: the build where it is newer than every source file, which starts in a third of the time, else the sources. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const path = (to: string) => fileURLToPath(new URL(to, import.meta.url));
const BUILT = path("../dist/cli/main.js");

const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = readdirSync(path("../src"), { recursive: true, encoding: "utf8" });
const isBuilt = sources.every((name) => changed(join(path("../src"), name)) < changed(BUILT));

/** Before the command's own words. */
export const VERA: readonly [node: string, ...args: string[]] = isBuilt
  ? [process.execPath, BUILT]
  : [process.execPath, "--import", import.meta.resolve("tsx"), path("../src/cli/main.ts")];
