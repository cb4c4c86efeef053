/** Who imports whom below `src`: for the test of the house rules, and for the picture of the rooms. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";

export interface Import {
  readonly target: string;
  /** Gone after compiling: the statement, or each name in it, is a type. */
  readonly typeOnly: boolean;
}

const STATEMENT = /^(?:import|export)\s+(?:(type\s)?([^;"']*?)\s*from\s+)?["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** The imports of a module, resolved to a path below `src` where they are relative. */
export function importsOf(file: string, code: string): Import[] {
  const resolve = (target: string) =>
    target.startsWith(".") ? normalize(join(dirname(file), target)).replace(/\.js$/, ".ts") : target;
  const allTypes = (names: string) => {
    const list = /^\{(.*)\}$/s
      .exec(names.trim())?.[1]
      ?.split(",")
      .filter((n) => n.trim() !== "");
    return list !== undefined && list.length > 0 && list.every((n) => n.trim().startsWith("type "));
  };
  const bare = code.replace(/^\s*(\/\*\*?|\*|\/\/).*$/gm, ""); // examples in comments import, too
  return [
    ...[...bare.matchAll(STATEMENT)].map(([, type, names, target]) => ({
      target: resolve(target!),
      typeOnly: type !== undefined || allTypes(names ?? ""),
    })),
    ...[...bare.matchAll(DYNAMIC)].map(([, target]) => ({ target: resolve(target!), typeOnly: false })),
  ];
}

/** Every module below a folder and its imports, by path with slashes. */
export function readImports(root: string) {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".ts"));
  const source = new Map(files.map((f) => [f.split(sep).join("/"), readFileSync(join(root, f), "utf8")]));
  const imports = new Map([...source].map(([file, code]) => [file, importsOf(file, code)]));
  return { source, imports };
}

/** The folder of a module, so many levels down; null where it lies above that. */
export function roomOf(file: string, level: number): string | null {
  const folders = file.split("/").slice(0, -1);
  return folders.length < level ? null : folders.slice(0, level).join("/");
}
