/** Configuration files: JSON or YAML, a mapping from options to values. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { ConfigError } from "./error.js";
import { restoredConfig } from "./saved.js";

/** Name of the resolved configuration in a run's folder. */
export const CONFIG_FILE = "config.json";

/** @throws ConfigError where it cannot be read, with line and column of a syntax error. */
export async function readConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await contentOf(path);
  const content = parsed(path, text);
  if (content === null) return {};
  if (typeof content !== "object" || Array.isArray(content))
    throw new ConfigError(`${path}: options and values expected, like batch-size: 100`);
  return content as Record<string, unknown>;
}

/** The configuration a run was started with, to be resumed. @throws ConfigError where the folder holds none, or it is not as it was written. */
export async function readSavedConfig(runFolder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(runFolder, CONFIG_FILE);
  try {
    return { ...restoredConfig(await readConfigFile(file), file) };
  } catch (cause) {
    if (isMissing(cause instanceof Error ? cause.cause : cause))
      throw new ConfigError(`--resume: ${runFolder} holds no ${CONFIG_FILE}: is it the folder of a run?`, { cause });
    throw cause;
  }
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const why = isMissing(cause) ? "there is no such file" : cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`configuration file ${path}: ${why}`, { cause });
  }
}

/** JSON is YAML: one parser reads both. */
function parsed(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    throw new ConfigError(`configuration file ${path}: ${cause.message.split("\n")[0]!.replace(/:$/, "")}`, { cause });
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
