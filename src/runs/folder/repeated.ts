/** A training command that is given a second time. */
import { resolve } from "node:path";
import { ConfigError, flagOf, OPTION_NAMES, optionOf, readSavedConfig, type TrainConfig } from "../config/index.js";
import { runIn } from "./run-files.js";

/**
 * As in the original, a command that names its checkpoint by `--ckpt-path` continues its run when it is given again; other commands
 * would begin a run where there is one, and are refused.
 * @throws ConfigError naming an option that is another now, and cannot change
 */
export async function continuedBy(config: TrainConfig): Promise<TrainConfig> {
  const { ckptPath, resume, saveDir } = config;
  if (ckptPath === null || resume !== null || (await runIn(saveDir)) === null) return config;
  const saved = await readSavedConfig(saveDir);
  if (typeof saved.ckptPath !== "string" || resolve(saved.ckptPath) !== resolve(ckptPath)) return config;
  const changed = OPTION_NAMES.find(
    (name) =>
      name !== "saveDir" && !optionOf(name).live && JSON.stringify(config[name]) !== JSON.stringify(saved[name]),
  );
  if (changed !== undefined)
    throw new ConfigError(
      `${flagOf(changed)} cannot change when a run is continued: in ${saveDir} it was ${JSON.stringify(saved[changed] ?? null)}; ` +
        "name another --save-dir and --ckpt-path, or replace the run with --overwrite",
    );
  return { ...config, resume: saveDir };
}
